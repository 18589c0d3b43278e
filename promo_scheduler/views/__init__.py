"""What people and programs are shown: plans, changes and standing as tables, text and plain data.

Pure: values in, renderables (rich) or JSON-able data out. `paper` is where a renderable meets a
stream; nothing else here writes.
"""
