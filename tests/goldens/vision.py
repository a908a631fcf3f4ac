#!/usr/bin/env python3
"""Makes vision.json: boxes, detections and tracks, as torchvision, pycocotools and py-motmetrics have them.

    venv/bin/python tests/goldens/vision.py         # beside this script; see make.py for PyTorch, and besides it
                                                    # torchvision, pycocotools and motmetrics

Numbers are from `Lcg` of make.py, each part with a generator of its own; they are multiples of 1/8 and exact in both types.

    boxes       "first", "second" [n, 4] by corners, all with an area: "convert", the first in the other forms; "iou" [n, n];
                "giou", "diou", "ciou" row by row in `f64`, each with the gradients of its sum with weights 1, 2, ... by both
    nms         "boxes", "scores", "classes": the numbers of those that stay, by IoU threshold ("greedy"); with their new scores, by
                threshold ("linear") or sigma ("gaussian"), down to a score of 0.05
    heads       "sizes" and numbers of an "output", "scale" (`scale_x_y`), stride 16, the first three anchors: what is "found" in
                each image from a score of 0.2 on
    losses      "objects" of each image (corners and class), two heads: the last three anchors with stride 16 and "scale", the first
                three with stride 8; their "sizes" and "outputs": of each measure the "parts" (boxes, objectness, classes) of each head
                and the "gradients" of the sum of all
"""

import json
import os

import numpy as np
import torch
import torchvision
from torchvision import ops

from make import HERE, Lcg


def some_boxes(rng, n, size, smallest, largest):
    """Boxes inside of an image of this size."""
    rows = []
    for _ in range(n):
        w, h = (rng.values(1, smallest, largest, 1 / 8)[0] for _ in range(2))
        x, y = (rng.values(1, 0.0, size - side, 1 / 8)[0] for side in (w, h))
        rows.append([x, y, x + w, y + h])
    return rows


def ciou_loss(first, second, reduction, eps):
    """torchvision's `complete_box_iou_loss`, whose `eps` does not reach all of its parts."""
    (w, h), (w2, h2) = (((b[:, 2] - b[:, 0]), (b[:, 3] - b[:, 1])) for b in (first, second))
    v = 4 / torch.pi**2 * (torch.atan(w2 / h2) - torch.atan(w / h)) ** 2
    with torch.no_grad():
        alpha = v / (1 - torch.diagonal(ops.box_iou(first, second)) + v + eps)
    loss = ops.distance_box_iou_loss(first, second, reduction, eps) + alpha * v
    assert torch.allclose(loss, ops.complete_box_iou_loss(first, second, reduction), atol=1e-6)
    return loss


def boxes():
    rng = Lcg(31)
    first = torch.tensor(some_boxes(rng, 12, 40.0, 4.0, 30.0), dtype=torch.float64, requires_grad=True)
    second = torch.tensor(some_boxes(rng, 12, 40.0, 4.0, 30.0), dtype=torch.float64, requires_grad=True)
    with torch.no_grad():  # one pair that is the same but for an edge, one that does not meet
        second[0, :] = first[0, :] + torch.tensor([0, 0, 2.0, 0])
        second[1, :] = first[1, :] + 100
    case = dict(first=first.tolist(), second=second.tolist(), iou=ops.box_iou(first, second).tolist())
    case["convert"] = {form: ops.box_convert(first, "xyxy", form).tolist() for form in ("xywh", "cxcywh")}
    weights = torch.arange(1, 13, dtype=torch.float64)
    for name, loss in [("giou", ops.generalized_box_iou_loss), ("diou", ops.distance_box_iou_loss),
                       ("ciou", ciou_loss)]:
        measure = 1 - loss(first, second, reduction="none", eps=0)
        gradients = torch.autograd.grad((measure * weights).sum(), (first, second))
        case[name] = dict(values=measure.tolist(), gradients=[g.tolist() for g in gradients])
    return case


def soft_nms(boxes, scores, classes, kind, sigma, iou_threshold, score_threshold):
    """Bodla 2017, figure 2: by numbers of detections, with their new scores."""
    left, kept = list(range(len(scores))), []
    scores = np.array(scores, dtype=np.float64)
    iou = ops.box_iou(torch.tensor(boxes, dtype=torch.float64), torch.tensor(boxes, dtype=torch.float64)).numpy()
    while left:
        best = max(left, key=lambda i: scores[i])
        left.remove(best)
        if scores[best] < score_threshold:
            break
        kept.append([best, float(scores[best])])
        for i in left:
            if classes[i] == classes[best]:
                overlap = iou[best, i]
                scores[i] *= np.exp(-overlap**2 / sigma) if kind == "gaussian" else 1 - overlap if overlap > iou_threshold else 1
    return kept


def nms():
    cases = []
    for seed, n, kinds in [(32, 1, 1), (33, 40, 1), (34, 120, 3), (35, 300, 5)]:
        rng = Lcg(seed)
        found = some_boxes(rng, n, 100.0, 10.0, 40.0)
        # No two alike.
        scores = [(i * 577 % 1009 + 1) / 1024 for i in range(1, n + 1)]
        classes = [rng.below(kinds) for _ in range(n)]
        case = dict(boxes=found, scores=scores, classes=classes, greedy={}, linear={}, gaussian={})
        for threshold in (0.3, 0.45, 0.7):
            keep = ops.batched_nms(torch.tensor(found), torch.tensor(scores), torch.tensor(classes), threshold)
            case["greedy"][threshold] = keep.tolist()
            case["linear"][threshold] = soft_nms(found, scores, classes, "linear", 0, threshold, 0.05)
        for sigma in (0.3, 0.5):
            case["gaussian"][sigma] = soft_nms(found, scores, classes, "gaussian", sigma, 0, 0.05)
        cases.append(case)
    return cases


def decoded(output, anchors, stride, scale):
    """Boxes by corners [b, 3, h, w, 4], objectness [b, 3, h, w] and probabilities of classes [b, 3, h, w, k]."""
    b, c, h, w = output.shape
    y = output.reshape(b, 3, c // 3, h, w).permute(0, 1, 3, 4, 2)
    rows, columns = torch.meshgrid(torch.arange(h), torch.arange(w), indexing="ij")
    cells = torch.stack([columns, rows], -1).to(output.dtype)
    centres = (scale * torch.sigmoid(y[..., :2]) - (scale - 1) / 2 + cells) * stride
    sizes = torch.tensor(anchors, dtype=output.dtype).reshape(1, 3, 1, 1, 2) * torch.exp(y[..., 2:4])
    boxes = ops.box_convert(torch.cat([centres, sizes], -1), "cxcywh", "xyxy")
    return boxes, torch.sigmoid(y[..., 4]), torch.sigmoid(y[..., 5:])


ANCHORS = [[4.0, 6.0], [7.0, 10.0], [11.0, 15.0], [16.0, 24.0], [33.0, 25.0], [26.0, 41.0]]


def heads():
    cases = []
    for seed, b, k, h, w, scale in [(36, 1, 1, 1, 1, 1.0), (37, 2, 1, 3, 4, 1.0), (38, 2, 3, 4, 2, 1.0), (39, 1, 5, 3, 3, 1.1)]:
        output = torch.tensor(Lcg(seed).values(b * 3 * (5 + k) * h * w, -3.0, 3.0, 1 / 8), dtype=torch.float64)
        output = output.reshape(b, 3 * (5 + k), h, w)
        boxes, objectness, classes = decoded(output, ANCHORS[:3], 16, scale)
        scores = objectness[..., None] * classes
        found = []
        for image in range(b):
            at = (scores[image] >= 0.2).nonzero()
            found.append(dict(
                boxes=[boxes[image][tuple(i[:3])].tolist() for i in at], scores=[scores[image][tuple(i)].item() for i in at],
                classes=[i[3].item() for i in at]))
        cases.append(dict(sizes=list(output.shape), output=output.flatten().tolist(), scale=scale, found=found))
    return cases


def yolo_loss(outputs, heads, objects, ignore, measure):
    """The parts of the loss of each head, written from its definition box by box."""
    parts = []
    bce = lambda x, y: torch.nn.functional.binary_cross_entropy_with_logits(x, torch.tensor(y, dtype=x.dtype), reduction="sum")
    for number, (output, (anchors, stride, scale)) in enumerate(zip(outputs, heads)):
        b, c, h, w = output.shape
        y = output.reshape(b, 3, c // 3, h, w)
        predicted, _, _ = decoded(output, anchors, stride, scale)
        boxes = objectness = classes = torch.zeros((), dtype=output.dtype)
        for image in range(b):
            mine = {}
            for *box, kind in objects[image]:
                width, height = box[2] - box[0], box[3] - box[1]
                every = torch.tensor([a for all_anchors, _, _ in heads for a in all_anchors], dtype=output.dtype)
                shape = torch.tensor([[0, 0, width, height]], dtype=output.dtype)
                best = ops.box_iou(shape, torch.cat([torch.zeros_like(every), every], 1))[0].argmax().item()
                if best // 3 == number:
                    cx, cy = (box[0] + box[2]) / 2 / stride, (box[1] + box[3]) / 2 / stride
                    mine[best % 3, int(cy), int(cx)] = (box, kind, cx % 1, cy % 1)
            truths = torch.tensor([o[:4] for o in objects[image]], dtype=output.dtype).reshape(-1, 4)
            for a in range(3):
                for row in range(h):
                    for column in range(w):
                        numbers, box = y[image, a, :, row, column], predicted[image, a, row, column]
                        if (a, row, column) not in mine:
                            if len(truths) == 0 or ops.box_iou(box[None], truths).max() <= ignore:
                                objectness = objectness + bce(numbers[4], 0.0)
                            continue
                        truth, kind, fx, fy = mine[a, row, column]
                        weight = 2 - (truth[2] - truth[0]) * (truth[3] - truth[1]) / (h * w * stride**2)
                        objectness = objectness + bce(numbers[4], 1.0)
                        classes = classes + bce(numbers[5:], [float(k == kind) for k in range(c // 3 - 5)])
                        if measure:
                            loss = measure(box[None], torch.tensor([truth], dtype=output.dtype), reduction="sum", eps=0)
                        else:
                            sizes = [np.log((truth[2 + i] - truth[i]) / anchors[a][i]) for i in range(2)]
                            places = [min(max((f + (scale - 1) / 2) / scale, 0), 1) for f in (fx, fy)]
                            loss = bce(numbers[:2], places) + ((numbers[2:4] - torch.tensor(sizes)) ** 2).sum() / 2
                        boxes = boxes + loss * weight
        parts.append([boxes / b, objectness / b, classes / b])
    return parts


def losses():
    cases = []
    measures = {"squares": None, "giou": ops.generalized_box_iou_loss, "diou": ops.distance_box_iou_loss, "ciou": ciou_sum}
    for seed, b, k, counts, scale in [(41, 1, 1, [1], 1.0), (42, 2, 3, [3, 0], 1.0), (43, 3, 2, [4, 6, 1], 1.25)]:
        rng = Lcg(seed)
        heads = [(ANCHORS[3:], 16, scale), (ANCHORS[:3], 8, 1.0)]
        objects = [[box + [rng.below(k)] for box in some_boxes(rng, n, 32.0, 4.0, 30.0)] for n in counts]
        sizes = [[b, 3 * (5 + k), 2, 3], [b, 3 * (5 + k), 4, 6]]
        numbers = [rng.values(int(np.prod(size)), -2.0, 2.0, 1 / 8) for size in sizes]
        case = dict(objects=objects, sizes=sizes, outputs=numbers, scale=scale, losses={})
        for name, measure in measures.items():
            outputs = [torch.tensor(x, dtype=torch.float64).reshape(s).requires_grad_() for x, s in zip(numbers, sizes)]
            parts = yolo_loss(outputs, heads, objects, 0.5, measure)
            gradients = torch.autograd.grad(sum(sum(head) for head in parts), outputs)
            case["losses"][name] = dict(
                parts=[[x.item() for x in head] for head in parts], gradients=[g.flatten().tolist() for g in gradients])
        cases.append(case)
    return cases


def ciou_sum(first, second, reduction, eps):
    return ciou_loss(first, second, "none", eps).sum()


if __name__ == "__main__":
    torch.set_default_dtype(torch.float32)
    golden = dict(torchvision=torchvision.__version__, boxes=boxes(), nms=nms(), heads=heads(), losses=losses())
    with open(os.path.join(HERE, "vision.json"), "w") as file:
        json.dump(golden, file, separators=(",", ":"))
        file.write("\n")
