#!/usr/bin/env python3
"""Makes layers.json: the operations behind layers of images and sequences, in the format that make.py describes.

    venv/bin/python tests/goldens/layers.py                      # beside this script; see make.py for the packages

A window's numbers are lists: first along the height, then along the width; "padding" has two for each, before and after.
"""

import math
import sys

import torch
import torch.nn.functional as F
from torch.nn.attention import SDPBackend, sdpa_kernel

import make
from make import ANY, CASES, Input, between, case, distinct, signed, ties, write

make.RNG = make.Lcg(1989)


def pair(x):
    return [x, x] if isinstance(x, int) else list(x)


def window(kernel, stride=1, padding=0, dilation=1, groups=1):
    """As the test wants it; `padding` is one number, one for each axis, or two for each."""
    kernel, dilation = pair(kernel), pair(dilation)
    if padding == "same":
        totals = [d * (k - 1) for k, d in zip(kernel, dilation)]
        ends = [[total // 2, total - total // 2] for total in totals]
    else:
        ends = [pair(p) for p in pair(padding)]
    return dict(kernel=kernel, stride=pair(stride), padding=ends, dilation=dilation, groups=groups)


# --- Convolutions ----------------------------------------------------------------------------------------------------


def conv2d(image, channels, bias=True, **options):
    """`channels`: of the image and of the result. Uneven padding is given to PyTorch as zeros around the image."""
    w, (inputs, outputs) = window(**options), channels
    same = options.get("padding") == "same"
    (top, bottom), (left, right) = w["padding"]

    def f(x, weight, *bias):
        padding = "same" if same else 0
        x = x if same else F.pad(x, (left, right, top, bottom))
        return F.conv2d(x, weight, *(bias or [None]), w["stride"], padding, w["dilation"], w["groups"])

    given = [Input(image[:1] + [inputs] + image[1:], ANY), Input([outputs, inputs // w["groups"]] + w["kernel"], ANY)]
    case("conv2d", f, *given, *[Input([outputs], ANY)] * bias, **w)


def convolutions():
    small, odd, wide = [2, 4, 3], [1, 5, 4], [2, 3, 6]
    for image in small, odd, wide:
        conv2d(image, [2, 3], kernel=1)
        conv2d(image, [2, 1], kernel=3, bias=False)
        conv2d(image, [1, 2], kernel=3, padding=1)
        conv2d(image, [2, 2], kernel=3, padding=1, stride=2)
        conv2d(image, [2, 2], kernel=[2, 3], padding=[1, 0], bias=False)
        conv2d(image, [2, 4], kernel=3, padding=1, groups=2)
        conv2d(image, [3, 3], kernel=2, groups=3, bias=False)
        conv2d(image, [1, 2], kernel=3, padding=2, dilation=2)
    for padding in 0, 1, 2:
        for stride in 1, 2, 3:
            conv2d([1, 5, 6], [2, 1], kernel=3, padding=padding, stride=stride, bias=stride == 2)
    for options in [
        dict(kernel=1, stride=3), dict(kernel=1, padding=1, stride=2), dict(kernel=1, groups=2),
        dict(kernel=2, stride=4), dict(kernel=2, stride=[1, 5], padding=1), dict(kernel=[5, 1], padding=[2, 0]),
        dict(kernel=[1, 4], padding=[[0, 0], [1, 2]]), dict(kernel=3, padding=[[1, 0], [0, 2]], stride=[2, 1]),
        dict(kernel=3, padding=[[0, 3], [2, 1]], dilation=[2, 1], groups=2), dict(kernel=2, dilation=3),
        dict(kernel=2, padding="same"), dict(kernel=[4, 3], padding="same"), dict(kernel=3, padding="same", dilation=2),
        dict(kernel=2, padding="same", dilation=[3, 1], groups=2), dict(kernel=5, padding=2, stride=2),
        dict(kernel=3, padding=2, stride=3, dilation=2, groups=2),
    ]:
        conv2d([1, 5, 6], [2, 2], **options)
    # As wide as a vector and wider, without a batch's worth of channels; and no images at all.
    conv2d([1, 3, 37], [1, 1], kernel=3, padding=1, bias=False)
    conv2d([0, 4, 4], [2, 2], kernel=3)


def transposed(image, channels, output_padding=0, bias=True, **options):
    w, (inputs, outputs) = window(**options), channels
    more = pair(output_padding)
    padding = [before for before, _ in w["padding"]]

    def f(x, weight, *bias):
        bias = bias[0] if bias else None
        return F.conv_transpose2d(x, weight, bias, w["stride"], padding, more, w["groups"], w["dilation"])

    given = [Input(image[:1] + [inputs] + image[1:], ANY), Input([inputs, outputs // w["groups"]] + w["kernel"], ANY)]
    case("conv_transpose2d", f, *given, *[Input([outputs], ANY)] * bias, **w, output_padding=more)


def transposed_convolutions():
    for image in [2, 2, 3], [1, 3, 1]:
        transposed(image, [2, 3], kernel=1)
        transposed(image, [2, 1], kernel=2, stride=2, bias=False)
        transposed(image, [1, 2], kernel=3, padding=1)
        transposed(image, [2, 2], kernel=3, stride=2, padding=1, output_padding=1)
        transposed(image, [2, 4], kernel=[2, 3], stride=[1, 2], groups=2)
        transposed(image, [1, 1], kernel=2, dilation=2, bias=False)
        transposed(image, [3, 3], kernel=2, stride=3, output_padding=[2, 1], groups=3)
        transposed(image, [1, 2], kernel=3, dilation=[1, 3], padding=1, output_padding=[0, 2])
    transposed([0, 2, 3], [2, 2], kernel=2)


# --- Pooling ---------------------------------------------------------------------------------------------------------


def pools():
    windows = [
        dict(kernel=2, stride=2), dict(kernel=2), dict(kernel=3, stride=2, padding=1), dict(kernel=3, padding=1),
        dict(kernel=[1, 3], stride=[2, 1]), dict(kernel=[3, 2], stride=[1, 4], padding=[1, 0]), dict(kernel=1, stride=3),
    ]
    images = [2, 1, 4, 5], [1, 2, 5, 3]
    for image in images:
        for options in windows:
            w = window(**options)
            padding = [before for before, _ in w["padding"]]
            largest = lambda x: F.max_pool2d(x, w["kernel"], w["stride"], padding, w["dilation"])
            case("max_pool2d", largest, Input(image, distinct), **w)
            case("max_pool2d", largest, Input(image, ties), **w)
            case("avg_pool2d", lambda x: F.avg_pool2d(x, w["kernel"], w["stride"], padding), Input(image, ANY), **w)
        for size in [1, 1], [2, 2], [3, 2], [2, 3], [4, 5], [7, 4]:
            case("adaptive_avg_pool2d", lambda x: F.adaptive_avg_pool2d(x, size), Input(image, ANY), size=size)
            for values in distinct, ties:
                case("adaptive_max_pool2d", lambda x: F.adaptive_max_pool2d(x, size), Input(image, values), size=size)
    for options in dict(kernel=2, dilation=2), dict(kernel=3, padding=1, dilation=[2, 1], stride=2):
        w = window(**options)
        padding = [before for before, _ in w["padding"]]
        largest = lambda x: F.max_pool2d(x, w["kernel"], w["stride"], padding, w["dilation"])
        case("max_pool2d", largest, Input([1, 2, 6, 5], distinct), **w)
    nan, inf = math.nan, math.inf
    strange = [1.0, nan, 2.0, 3.0, nan, nan, -inf, -inf, 0.0, -inf, -inf, inf, nan, 5.0, inf, 4.0]
    w = window(2, 2)
    case("max_pool2d", lambda x: F.max_pool2d(x, 2), Input([1, 1, 4, 4], strange), kinks=True, **w)
    case("max_pool2d", lambda x: F.max_pool2d(x, 2), Input([0, 2, 4, 4], []), **w)


# --- Norms -----------------------------------------------------------------------------------------------------------


def norms():
    # Deviations well above rounding, as PyTorch's own sums are in the element type.
    for shape, eps in [
        ([2, 3, 2, 2], 1e-5), ([3, 1, 2, 3], 1e-5), ([1, 2, 3, 4], 1e-3), ([4, 2, 1, 1], 0.5), ([2, 2, 3, 1], 1e-5),
    ]:
        channels = shape[1:2]
        affine = lambda: [Input(channels, signed(0.5, 2.5)), Input(channels, ANY)]
        train = lambda x, w, b: F.batch_norm(x, None, None, w, b, training=True, eps=eps)
        case("batch_norm", train, Input(shape, ANY), *affine(), eps=eps)
        case("batch_norm", train, Input(shape, between(3.0, 8.0)), *affine(), eps=eps)

        evaluate = lambda x, w, b, mean, var: F.batch_norm(x, mean, var, w, b, training=False, eps=eps)
        given = [Input(channels, ANY, wants=False), Input(channels, between(0.25, 4.0), wants=False)]
        case("batch_norm_with", evaluate, Input(shape, ANY), *affine(), *given, eps=eps)
    for shape, eps in [([5], 1e-5), ([3, 4], 1e-5), ([2, 3, 5], 1e-5), ([2, 1, 2, 7], 1e-3), ([2, 17], 1e-5)]:
        last = shape[-1:]
        f = lambda x, w, b: F.layer_norm(x, last, w, b, eps)
        case("layer_norm", f, Input(shape, ANY), Input(last, signed(0.5, 2.5)), Input(last, ANY), eps=eps)


# --- The rest --------------------------------------------------------------------------------------------------------


def resizes():
    for image in [1, 2, 2, 3], [2, 1, 3, 1], [1, 1, 1, 1]:
        for scale in [1, 1], [2, 2], [3, 3], [1, 2], [4, 1]:
            f = lambda x: F.interpolate(x, scale_factor=tuple(map(float, scale)), mode="nearest")
            case("upsample_nearest2d", f, Input(image, ANY), scale=scale)


def joins():
    cat = lambda axis: lambda *parts: torch.cat(parts, axis)
    for shapes, axis in [
        ([[3]], 0), ([[2], [5]], 0), ([[2, 3], [2, 1]], 1), ([[2, 3], [1, 3], [4, 3]], 0), ([[2, 3, 2], [2, 1, 2]], 1),
        ([[1, 2, 3, 2], [1, 1, 3, 2], [1, 3, 3, 2]], 1), ([[2, 1, 2, 2]] * 4, 1), ([[2, 2, 1, 3], [2, 2, 2, 3]], 2),
        ([[1, 1, 2, 3], [1, 1, 2, 1]], 3), ([[2], [1], [3], [1], [2]], 0), ([[2, 0], [2, 3]], 1),
    ]:
        case("concat", cat(axis), *[Input(shape, ANY) for shape in shapes], axis=axis)
    # Gradients that are not constant.
    case("concat_square", lambda a, b: torch.cat([a, b], 1) ** 2, Input([2, 1, 3], ANY), Input([2, 2, 3], ANY), axis=1)
    for shape, axis, start, end in [
        ([5], 0, 1, 3), ([3, 4], 1, 0, 2), ([3, 4], 0, 2, 3), ([2, 3, 4], 1, 1, 3), ([2, 3, 2, 3], 3, 0, 1),
        ([2, 3, 2, 3], 1, 0, 3), ([3, 4], 1, 2, 2),
    ]:
        f = lambda x: x.narrow(axis, start, end - start)
        case("slice", f, Input(shape, ANY), axis=axis, **{"from": start, "to": end})
    for table, shape in [([5, 3], [4]), ([3, 1], [2, 3]), ([7, 4], [2, 1, 3]), ([2, 17], [3]), ([4, 2], []), ([4, 2], [0])]:
        indices = [make.RNG.below(table[0]) for _ in range(math.prod(shape))]
        f = lambda weight: F.embedding(torch.tensor(indices, dtype=torch.int64).reshape(shape), weight)
        case("embedding", f, Input(table, ANY), indices=indices, of=shape)


def activations():
    far = [0.0, -0.0, 20.0, -20.0, 100.0, -100.0, 1000.0, -1000.0, 5.0, -5.0, 9.0, -9.0]
    for op, f, values in [
        ("leaky_relu", lambda x: F.leaky_relu(x, 0.125), signed(1 / 64, 2.5)), ("gelu", F.gelu, ANY), ("silu", F.silu, ANY),
        ("mish", F.mish, ANY), ("hardswish", F.hardswish, between(-5, 5)),
    ]:
        slope = dict(slope=0.125) if op == "leaky_relu" else {}
        for shape, expand in make.SHAPES:
            case(op, f, Input(shape, values, expand=expand), **slope)
        # PyTorch's gradient of mish's gradient overflows at 1000.
        ends = [200.0 * x / 1000.0 if op == "mish" and abs(x) == 1000.0 else x for x in far]
        case(op, f, Input([12], ends), kinks=op == "leaky_relu", **slope)
        # PyTorch's gelu of infinity is infinite in f64 and NaN in f32.
        end = 2.0**100 if op == "gelu" else math.inf
        case(op, f, Input([3], [end, -end, math.nan]), kinks=True, **slope)
    case("hardswish", F.hardswish, Input([2], [-3.0, 3.0]), kinks=True)
    # NaN is not at most 0, so the gradient passes.
    case("relu", torch.relu, Input([4], [math.nan, 1.0, 0.0, -1.0]), kinks=True)


def more_activations():
    # Without NaN a case with kinks counts as linear.
    far = [0.0, -0.0, 20.0, -20.0, 100.0, -100.0, 1000.0, -1000.0, 2.0**60, -(2.0**60), 5.0, -5.0, math.nan]
    kinked = signed(1 / 64, 2.5)
    for op, f, values, params in [
        ("relu6", F.relu6, lambda n: [v + 1 / 128 for v in make.RNG.values(n, -2.0, 8.0)], {}),
        ("elu", F.elu, kinked, {}), ("elu", lambda x: F.elu(x, 0.375), kinked, dict(alpha=0.375)),
        ("selu", F.selu, kinked, {}), ("celu", lambda x: F.celu(x, 0.75), kinked, dict(alpha=0.75)),
        ("gelu_tanh", lambda x: F.gelu(x, approximate="tanh"), ANY, {}),
        ("softplus", F.softplus, ANY, {}),
        ("softplus", lambda x: F.softplus(x, 3.0, 2.0), lambda n: [v + 1 / 128 for v in make.RNG.values(n)], dict(beta=3.0, threshold=2.0)),
        ("log_sigmoid", F.logsigmoid, ANY, {}), ("softsign", F.softsign, kinked, {}),
        ("hardtanh", lambda x: F.hardtanh(x, -1.5, 0.75), lambda n: [v + 1 / 128 for v in make.RNG.values(n)], dict(min=-1.5, max=0.75)),
        ("hardsigmoid", lambda x: F.relu6(x + 3) / 6, lambda n: [v + 1 / 128 for v in make.RNG.values(n, -5, 5)], {}),
        ("softshrink", lambda x: F.softshrink(x, 0.375), lambda n: [v + 1 / 128 for v in make.RNG.values(n)], dict(lambd=0.375)),
        ("hardshrink", lambda x: F.hardshrink(x, 0.375), lambda n: [v + 1 / 128 for v in make.RNG.values(n)], dict(lambd=0.375)),
        ("tanhshrink", F.tanhshrink, ANY, {}),
    ]:
        for shape, expand in make.SHAPES:
            case(op, f, Input(shape, values, expand=expand), **params)
        # Its own gradient, which has none itself.
        f = F.hardsigmoid if op == "hardsigmoid" else f
        case(op, f, Input([13], far), kinks=True, **params)
        # PyTorch's softsign of infinities has no gradient, and its gelu has no value.
        ends = [math.nan] if op in ("softsign", "gelu_tanh") else [math.inf, -math.inf, math.nan]
        case(op, f, Input([len(ends)], ends), kinks=True, **params)
    for op, f, kinks, params in [
        ("relu6", F.relu6, [0.0, 6.0], {}), ("elu", F.elu, [0.0, -0.0], {}), ("selu", F.selu, [0.0, -0.0], {}),
        ("hardtanh", F.hardtanh, [-1.0, 1.0], dict(min=-1.0, max=1.0)), ("hardsigmoid", F.hardsigmoid, [-3.0, 3.0], {}),
        ("softshrink", F.softshrink, [-0.5, 0.5], dict(lambd=0.5)), ("hardshrink", F.hardshrink, [-0.5, 0.5], dict(lambd=0.5)),
        ("softplus", lambda x: F.softplus(x, 1.0, 2.0), [2.0, 2.25], dict(beta=1.0, threshold=2.0)),
    ]:
        case(op, f, Input([3], kinks + [math.nan]), kinks=True, **params)
    for shape in [2, 3], [1, 1], [2, 3, 4], [3, 1, 5], [2, 2, 1, 3], [1, 4, 2, 2]:
        case("prelu", F.prelu, Input(shape, kinked), Input(shape[1:2], ANY))
    case("prelu", F.prelu, Input([1, 4], [0.0, -0.0, math.inf, -2.0]), Input([4], [0.25, 0.25, 0.25, 0.0]), kinks=True)
    for shape, axis in [([4], 0), ([2, 6], 1), ([4, 3], 0), ([2, 4, 3], 1), ([1, 2, 3, 2], 3), ([3, 2], 1)]:
        def swiglu(x):
            gate, value = x.chunk(2, axis)
            return F.silu(gate) * value

        case("glu", lambda x: F.glu(x, axis), Input(shape, ANY), axis=axis)
        case("swiglu", swiglu, Input(shape, ANY), axis=axis)


def more_norms():
    for shape, eps in [
        ([5], 1e-5), ([3, 4], 1e-6), ([2, 3, 5], 1e-5), ([2, 1, 2, 7], 1e-3), ([2, 17], 1e-5), ([3, 40], 1e-5), ([1, 1], 0.5),
    ]:
        last = shape[-1:]
        case("rms_norm", lambda x, w: F.rms_norm(x, last, w, eps), Input(shape, ANY), Input(last, signed(0.5, 2.5)), eps=eps)
        f = lambda x, w, b: F.layer_norm(x, last, w, b, 1e-3)
        case("layer_norm", f, Input(shape, ANY), Input(last, signed(0.5, 2.5)), Input(last, ANY), eps=1e-3)
    for shape, eps in [
        ([2, 3, 2, 2], 1e-5), ([3, 1, 2, 3], 1e-5), ([1, 2, 3, 4], 1e-3), ([2, 2, 3, 1], 1e-5), ([2, 3, 5], 1e-5),
        ([1, 2, 19], 1e-5), ([2, 2, 3, 7], 1e-5),
    ]:
        channels = shape[1:2]
        affine = lambda: [Input(channels, signed(0.5, 2.5)), Input(channels, ANY)]
        plain = lambda x: F.instance_norm(x, eps=eps)
        case("instance_norm", plain, Input(shape, ANY), eps=eps)
        case("instance_norm", lambda x, w, b: F.instance_norm(x, weight=w, bias=b, eps=eps), Input(shape, ANY), *affine(), eps=eps)
    for shape, groups in [([2, 4, 2, 5], 2), ([1, 6, 9], 3), ([2, 8], 2), ([3, 2, 8], 1), ([2, 2, 3, 3], 2), ([1, 4, 3], 1)]:
        channels = shape[1:2]
        f = lambda x, w, b: F.group_norm(x, groups, w, b, 1e-5)
        case("group_norm", f, Input(shape, ANY), Input(channels, signed(0.5, 2.5)), Input(channels, ANY), groups=groups, eps=1e-5)
    # As long as loops of their own are worth.
    for shape in [2, 2, 3, 5], [3, 2, 17]:
        train = lambda x, w, b: F.batch_norm(x, None, None, w, b, training=True, eps=1e-5)
        case("batch_norm", train, Input(shape, ANY), Input([2], signed(0.5, 2.5)), Input([2], ANY), eps=1e-5)


def bilinear():
    for image in [1, 2, 2, 3], [2, 1, 3, 1], [1, 1, 1, 1], [1, 1, 4, 5], [1, 3, 1, 2], [2, 1, 2, 2]:
        for scale in [2, 2], [3, 3], [1, 2], [4, 1]:
            for align in False, True:
                def f(x):
                    return F.interpolate(x, scale_factor=tuple(map(float, scale)), mode="bilinear", align_corners=align)

                case("upsample_bilinear2d", f, Input(image, ANY), scale=scale, align_corners=align)


def padded():
    for table, shape in [([5, 3], [4]), ([3, 1], [2, 3]), ([7, 4], [2, 1, 3]), ([2, 17], [3]), ([4, 2], []), ([3, 2], [0]), ([6, 5], [5])]:
        indices = [make.RNG.below(table[0]) for _ in range(math.prod(shape))]
        padding = indices[0] if indices else 1
        f = lambda weight: F.embedding(torch.tensor(indices, dtype=torch.int64).reshape(shape), weight, padding_idx=padding)
        # The gradient is no derivative.
        case("embedding_padded", f, Input(table, ANY), indices=indices, of=shape, padding=padding)


def attention():
    def mask(shape):
        return [make.RNG.below(3) == 0 for _ in range(math.prod(shape))]

    def bits(list, shape):
        return torch.tensor(list, dtype=torch.bool).reshape(shape)

    for lead, queries, keys, features, values in [
        ([2], 3, 4, 2, 3), ([1], 1, 1, 1, 1), ([3], 2, 5, 4, 1), ([2, 2], 3, 3, 2, 2), ([1, 3], 2, 4, 3, 2), ([2, 1], 4, 2, 5, 3),
    ]:
        def inputs():
            shapes = [lead + [queries, features], lead + [keys, features], lead + [keys, values]]
            return [Input(shape, between(-1.5, 1.5)) for shape in shapes]

        def attend(*args, **options):
            # The other ways have no gradients of gradients.
            with sdpa_kernel(SDPBackend.MATH):
                return F.scaled_dot_product_attention(*args, **options)

        case("attention", lambda q, k, v: attend(q, k, v), *inputs())
        case("attention", lambda q, k, v: attend(q, k, v, is_causal=True), *inputs(), causal=True)
        case("attention", lambda q, k, v: attend(q, k, v, scale=0.75), *inputs(), scale=0.75)
        allow = mask([queries, keys])
        shown = bits(allow, [queries, keys])
        case("attention", lambda q, k, v: attend(q, k, v, attn_mask=shown), *inputs(), allow=allow, of=[queries, keys])
        hide = mask([lead[0], keys])
        hidden = bits(hide, [lead[0]] + [1] * len(lead) + [keys])
        case("attention", lambda q, k, v: attend(q, k, v, attn_mask=~hidden), *inputs(), hide_keys=hide, of=[lead[0], keys])
        bias = Input([queries, keys], ANY)
        case("attention", lambda q, k, v, b: attend(q, k, v, attn_mask=b), *inputs(), bias)


def main():
    torch.set_num_threads(1)
    for family in convolutions, transposed_convolutions, pools, norms, resizes, joins, activations:
        family()
    for family in more_activations, more_norms, bilinear, padded, attention:
        family()
    write("layers.json", '"cases":[\n' + ",\n".join(CASES) + "\n]\n")
    print(f"{len(CASES)} cases")


if __name__ == "__main__":
    sys.exit(main())
