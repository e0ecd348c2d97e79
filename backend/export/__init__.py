"""A trained network leaves the house as a file: ONNX, a state dict, safetensors or its source."""
