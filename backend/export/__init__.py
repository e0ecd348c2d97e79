"""Exports a trained network as a file: ONNX, a state dict, safetensors or Python source."""
