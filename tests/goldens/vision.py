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
    precisions  "images", each with what was found ("boxes", "scores", "classes") and the "objects" (corners and class): the twelve
                figures of "coco"; for two IoUs those of "voc" by class, with 11 points ("eleven") and "all", and the curves
    kalman      the "boxes" of one object, null where it is not seen, and its "places" by the filter of SORT
    tracking    "frames", each with "objects" and "tracks" (number and corners), and what py-motmetrics says of all
"""

import contextlib
import io
import json
import os

import motmetrics
import numpy as np
import torch
import torchvision
from pycocotools.coco import COCO
from pycocotools.cocoeval import COCOeval
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


def near(rng, box, most):
    """A box near another one, by up to so much at each edge."""
    x1, y1, x2, y2 = (x + d for x, d in zip(box, rng.values(4, -most, most, 1 / 8)))
    return [x1, y1, max(x2, x1 + 1), max(y2, y1 + 1)]


def voc_average(found, objects, kind, threshold, rule):
    """Average precision of a class: `found` and `objects` are lists of (image, box, score) and (image, box)."""
    found = sorted((f for f in found if f[3] == kind), key=lambda f: -f[2])
    mine = [(image, box) for image, box, k in objects if k == kind]
    taken, hits = set(), []
    for image, box, _, _ in found:
        here = [i for i, (other, _) in enumerate(mine) if other == image]
        iou = ops.box_iou(torch.tensor([box], dtype=torch.float64), torch.tensor([mine[i][1] for i in here], dtype=torch.float64).reshape(-1, 4))[0]
        best = here[iou.argmax()] if here else None
        hit = best is not None and iou.max() >= threshold and best not in taken
        if hit:
            taken.add(best)
        hits.append(hit)
    right = np.cumsum(hits)
    recall, precision = right / len(mine), right / np.arange(1, len(hits) + 1)
    if rule == "eleven":
        return float(np.mean([max(precision[recall >= r], default=0) for r in np.arange(11) / 10])), recall, precision
    r, p = np.concatenate([[0], recall, [1]]), np.concatenate([[0], precision, [0]])
    p = np.maximum.accumulate(p[::-1])[::-1]
    return float(((r[1:] - r[:-1]) * p[1:]).sum()), recall, precision


def precisions():
    cases = []
    for seed, images, kinds, most, size in [(51, 3, 1, 4, 60.0), (52, 8, 3, 6, 200.0), (53, 20, 2, 12, 400.0), (54, 2, 1, 2, 30.0)]:
        rng = Lcg(seed)
        objects, found, score = [], [], 0
        for image in range(images):
            for box in some_boxes(rng, rng.below(most + 1), size, 6.0, size / 2):
                kind = rng.below(kinds)
                objects.append((image, box, kind))
                for _ in range(rng.below(3)):  # found, perhaps twice, perhaps as something else
                    score += 1
                    found.append((image, near(rng, box, 4.0), (score * 577 % 1009 + 1) / 1024, kind if rng.below(5) else rng.below(kinds)))
            for box in some_boxes(rng, rng.below(4), size, 6.0, size / 2):
                score += 1
                found.append((image, box, (score * 577 % 1009 + 1) / 1024, rng.below(kinds)))
        coco = COCO()
        xywh = lambda b: [b[0], b[1], b[2] - b[0], b[3] - b[1]]
        area = lambda b: (b[2] - b[0]) * (b[3] - b[1])
        coco.dataset = dict(images=[dict(id=i) for i in range(images)], categories=[dict(id=k) for k in range(kinds)], annotations=[
            dict(id=n + 1, image_id=i, category_id=k, bbox=xywh(b), area=area(b), iscrowd=0) for n, (i, b, k) in enumerate(objects)])
        with contextlib.redirect_stdout(io.StringIO()):
            coco.createIndex()
            evaluation = COCOeval(coco, coco.loadRes([
                dict(image_id=i, category_id=k, bbox=xywh(b), score=s) for i, b, s, k in found]), "bbox")
            evaluation.evaluate()
            evaluation.accumulate()
            evaluation.summarize()
        case = dict(images=[dict(
            boxes=[b for i, b, _, _ in found if i == image], scores=[s for i, _, s, _ in found if i == image],
            classes=[k for i, _, _, k in found if i == image], objects=[b + [k] for i, b, k in objects if i == image])
            for image in range(images)])
        case["coco"] = [x if x >= 0 else "nan" for x in evaluation.stats.tolist()]
        there = sorted({k for _, _, k in objects})
        case["voc"] = [dict(iou=iou, eleven=[voc_average(found, objects, k, iou, "eleven")[0] for k in there],
                            all=[voc_average(found, objects, k, iou, "all")[0] for k in there],
                            recall=[voc_average(found, objects, k, iou, "all")[1].tolist() for k in there],
                            precision=[voc_average(found, objects, k, iou, "all")[2].tolist() for k in there]) for iou in (0.5, 0.7)]
        cases.append(case)
    return cases


def filtered(boxes):
    """The filter of SORT as matrices of seven rows: the box after each frame; a frame without a box is predicted."""
    to_numbers = lambda b: np.array([(b[0] + b[2]) / 2, (b[1] + b[3]) / 2, (b[2] - b[0]) * (b[3] - b[1]), (b[2] - b[0]) / (b[3] - b[1])])
    F, H = np.eye(7), np.eye(4, 7)
    F[0, 4] = F[1, 5] = F[2, 6] = 1
    P, R = np.diag([10.0] * 4 + [10000.0] * 3), np.diag([1.0, 1.0, 10.0, 10.0])
    Q = np.diag([1.0, 1.0, 1.0, 1.0, 0.01, 0.01, 0.0001])
    x = np.concatenate([to_numbers(boxes[0]), np.zeros(3)])
    places = []
    for number, box in enumerate(boxes):
        if number > 0:
            if x[6] + x[2] <= 0:
                x[6] = 0
            x, P = F @ x, F @ P @ F.T + Q
            if box is not None:
                gain = P @ H.T @ np.linalg.inv(H @ P @ H.T + R)
                x, P = x + gain @ (to_numbers(box) - H @ x), (np.eye(7) - gain @ H) @ P
        w = np.sqrt(max(x[2], 0) * x[3])
        h = x[2] / w
        places.append([x[0] - w / 2, x[1] - h / 2, x[0] + w / 2, x[1] + h / 2])
    return places


def kalman():
    cases = []
    for seed, speed in [(61, 1.0), (62, 3.0), (63, -2.0)]:
        rng, boxes = Lcg(seed), []
        for frame in range(40):
            box = [100.0 + speed * frame, 90.0 + frame, 140.0 + 1.5 * speed * frame, 150.0 + 1.25 * frame]
            hidden = frame in (12, 25, 26, 27)
            boxes.append(None if hidden else near(rng, box, 1.5))
        cases.append(dict(boxes=boxes, places=filtered(boxes)))
    return cases


def tracking():
    """Objects on their ways, and tracks with errors: boxes beside, gaps, numbers that change or are exchanged, and false ones."""
    cases = []
    for seed, objects, frames in [(71, 1, 10), (72, 4, 40), (73, 9, 60)]:
        rng, all_frames = Lcg(seed), []
        starts = some_boxes(rng, objects, 300.0, 20.0, 60.0)
        ways = [rng.values(2, -4.0, 4.0, 1 / 8) for _ in range(objects)]
        names = list(range(1, objects + 1))
        accumulator = motmetrics.MOTAccumulator(auto_id=True)
        for frame in range(frames):
            there = [(i + 1, [x + way[k % 2] * frame for k, x in enumerate(box)]) for i, (box, way) in enumerate(zip(starts, ways)) if rng.below(12)]
            if frame and rng.below(5) == 0:
                i, j = rng.below(objects), rng.below(objects)
                names[i], names[j] = names[j], names[i]
            if frame and rng.below(8) == 0:
                names[rng.below(objects)] = 100 + frame
            tracks = [(names[i - 1], near(rng, box, 9.0)) for i, box in there if rng.below(8)]
            if rng.below(4) == 0:
                tracks.append((1000 + frame, some_boxes(rng, 1, 300.0, 20.0, 60.0)[0]))
            rows = lambda named: torch.tensor([box for _, box in named], dtype=torch.float64).reshape(-1, 4)
            distances = 1 - ops.box_iou(rows(there), rows(tracks)).numpy()
            distances[distances > 0.5] = np.nan
            accumulator.update([i for i, _ in there], [i for i, _ in tracks], distances)
            all_frames.append(dict(objects=[[i] + b for i, b in there], tracks=[[i] + b for i, b in tracks]))
        names_of = ["mota", "motp", "idf1", "num_switches", "num_misses", "num_false_positives", "num_objects"]
        summary = motmetrics.metrics.create().compute(accumulator, metrics=names_of, name="all").loc["all"]
        cases.append(dict(frames=all_frames, **{name: float(summary[name]) for name in names_of}))
    return cases


if __name__ == "__main__":
    torch.set_default_dtype(torch.float32)
    golden = dict(torchvision=torchvision.__version__, boxes=boxes(), nms=nms(), heads=heads(), losses=losses(),
                  precisions=precisions(), kalman=kalman(), tracking=tracking())
    with open(os.path.join(HERE, "vision.json"), "w") as file:
        json.dump(golden, file, separators=(",", ":"))
        file.write("\n")
