"""Compiles a design: writes its module, imports it in a process of its own and checks it on real boards."""
