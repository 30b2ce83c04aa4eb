"""Does this environment have a CUDA device that torch can use? Exit code 0 if it does."""

from __future__ import annotations

import sys

import torch


def main() -> int:
    if not torch.cuda.is_available():
        print(f"torch {torch.__version__}: no CUDA device is visible (start the container with --gpus all)")
        return 1
    x = torch.arange(6.0, device="cuda").reshape(2, 3)
    total = torch.softmax(x, dim=1).sum().item()
    print(f"torch {torch.__version__} on {torch.cuda.get_device_name(0)}: softmax rows sum to {total:g} (should be 2)")
    return 0 if abs(total - 2) < 1e-5 else 1


if __name__ == "__main__":
    sys.exit(main())
