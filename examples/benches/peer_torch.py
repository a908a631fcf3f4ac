#!/usr/bin/env python3
"""The workloads of indexing and order by PyTorch, in the lines that `--example bench` prints, on one thread.

    python3 examples/benches/peer_torch.py w9_sort,w9_topk,w9_cumsum,w9_gather,w9_scatter_add
    cargo run --release --example bench -- w9_sort,w9_topk,w9_cumsum,w9_gather,w9_scatter_add

Run one after the other, several times: other programs on the machine slow both down.
"""

import json
import statistics
import sys
import time

import torch

CALLS = {
    "w9_sort": lambda x, dim, index, k: torch.sort(x, dim=dim),
    "w9_topk": lambda x, dim, index, k: torch.topk(x, k, dim=dim),
    "w9_cumsum": lambda x, dim, index, k: torch.cumsum(x, dim),
    "w9_gather": lambda x, dim, index, k: torch.gather(x, dim, index),
    "w9_scatter_add": lambda x, dim, index, k: torch.zeros_like(x).scatter_add(dim, index, x),
}
LAYOUTS = {"row": ((10_000_000,), 0, 100), "rows": ((1000, 10_000), 1, 10), "columns": ((1000, 10_000), 0, 10)}


def main():
    torch.set_num_threads(1)
    for workload in sys.argv[1].split(","):
        for metric, (shape, dim, k) in LAYOUTS.items():
            x, index = torch.randn(shape), torch.randint(0, shape[dim], shape)
            times = []
            with torch.no_grad():
                for _ in range(6):
                    start = time.perf_counter()
                    CALLS[workload](x, dim, index, k)
                    times.append((time.perf_counter() - start) * 1e3)
            times = sorted(times[1:])
            print(json.dumps({
                "peer": "torch", "workload": workload, "threads": 1, "metric": metric,
                "value": round(statistics.median(times), 4), "unit": "ms", "reps": len(times), "min": round(times[0], 4),
                "median": round(statistics.median(times), 4), "max": round(times[-1], 4),
            }))


if __name__ == "__main__":
    sys.exit(main())
