"""Low-rank adapters (LoRA, Hu et al. 2022): a layer learns in two thin matrices beside its own.

The gradient of the large matrices is not computed, and the optimizer holds little: on a CPU a
step takes a quarter less time, and what was learned takes a few megabytes.
"""

from torch import nn

from training.model import Model

ADAPTED = ["qkv", "out", "up", "down"]  # the matrices of `training.model.Layer`


def add_adapters(model: Model, rank: int, frozen_layers: int) -> None:
    """Give the matrices of all layers above the frozen ones an adapter of this rank."""
    from peft import LoraConfig, inject_adapter_in_model

    layers = list(range(frozen_layers, len(model.encoder.layers)))
    inject_adapter_in_model(
        LoraConfig(
            r=rank,
            lora_alpha=rank,
            target_modules=ADAPTED,
            layers_to_transform=layers,
            layers_pattern="layers",
        ),
        model,
    )


def merge_adapters(model: nn.Module) -> None:
    """Add what adapters learned to their matrices, and take them off."""
    from peft.tuners.lora import Linear

    for module in model.modules():
        for name, child in module.named_children():
            if isinstance(child, Linear):
                child.merge()
                setattr(module, name, child.get_base_layer())
