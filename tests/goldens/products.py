#!/usr/bin/env python3
"""Makes products.json: products whose batches broadcast, and sums of products by letters, in the format that make.py describes.

    venv/bin/python tests/goldens/products.py                    # beside this script; see make.py for the packages

A case of "einsum" has the letters of its operands and of its result as "subscripts".
"""

import math
import sys

import torch

import make
from make import ANY, CASES, Input, case, write

make.RNG = make.Lcg(1919)

INF, NAN = math.inf, math.nan


def products():
    pairs = [
        ([5], [2, 5, 3]), ([4], [2, 1, 4, 3]), ([1], [3, 1, 1]), ([2, 3, 4], [4]), ([2, 1, 3, 4], [4]), ([1, 1, 1], [1]),
        ([3, 4], [2, 4, 5]), ([3, 4], [2, 2, 4, 5]), ([3, 4], [1, 4, 5]), ([1, 3, 4], [2, 4, 5]), ([2, 3, 4], [1, 4, 5]),
        ([2, 1, 3, 4], [3, 4, 5]), ([2, 1, 3, 4], [1, 3, 4, 2]), ([2, 3, 3, 4], [3, 4, 2]), ([3, 3, 4], [2, 3, 4, 2]),
        ([1, 3, 7, 9], [2, 1, 9, 17]), ([2, 3, 1, 4], [1, 1, 4, 3]), ([2, 2, 3, 4], [1, 4, 3]), ([17, 5], [3, 5, 1]),
    ]
    for a, b in pairs:
        case("product", torch.matmul, Input(a, ANY), Input(b, ANY))
    case("product", torch.matmul, Input([1, 3, 4], ANY, expand=[2, 3, 4]), Input([2, 1, 4, 5], ANY))
    case("product", torch.matmul, Input([1, 1, 3, 1], ANY, expand=[2, 1, 3, 4]), Input([3, 1, 5], ANY, expand=[3, 4, 5]))
    case("product", torch.matmul, Input([0, 3, 4], []), Input([1, 4, 2], ANY))
    case("product", torch.matmul, Input([1, 3, 0], []), Input([2, 0, 2], []))
    for a, b in ([1], [1]), ([5], [5]), ([19], [7]), ([3], [1]), ([1], [4]), ([8], [8]):
        case("outer", torch.outer, Input(a, ANY), Input(b, ANY))
    case("outer", torch.outer, Input([1], ANY, expand=[4]), Input([3], ANY))
    case("outer", torch.outer, Input([4], [1.0, INF, 0.0, NAN]), Input([2], [0.0, 2.0]), kinks=True)
    for n in 1, 2, 5, 8, 19, 64:
        case("inner", torch.dot, Input([n], ANY), Input([n], ANY))
    case("inner", torch.dot, Input([1], ANY, expand=[6]), Input([6], ANY))


# The sizes of the letters.
SIZES = dict(i=3, j=4, k=2, l=3, b=2, h=2, q=3, d=5, o=4, a=2, c=3, e=1, N=2)


def einsums():
    subscripts = [
        "i->i", "i->", "ij->", "ij->i", "ij->j", "ij->ji", "bij->jb", "ii->", "ii->i", "iji->j", "bii->bi", "iii->i", "iij", "ba",
        "bihj->hbji", "biji->jb",
        "i,i->", "i,i->i", "i,j->ij", "i,j->ji", "ij,j->i", "ij,i->j", "ij,ij->", "ij,ij->ij", "ij,ij->j", "ij,jk->ik", "ij,jk->ki",
        "ji,kj->ik", "ij,kj->ik", "ji,jk->ik", "ij,jk", "ij,kl->ijkl", "ij,kl->", "bij,bjk->bik", "bij,jk->bik", "bij,bjk->ikb",
        "ij,bjk->bik", "bhqd,bhkd->bhqk", "bhqk,bhkd->bhqd", "bijk,bjk->bi", "bijk,jkl->bil", "bijk,kjl->lbi", "Nij,Njk->Nik",
        "bij,bij->b", "ii,ij->j", "ij,jj->i", "ij,e->ije", "ej,jk->ek", ",ij->ij", "bij,kij->bk",
        "i,i,i->", "i,j,k->kij", "ij,jk,kl->il", "bi,oij,bj->bo", "ij,ij,ij->i", "ab,bc,ad->cd", "bij,bjk,bkl->bil", "ij,j,i->",
        "i,i,i,i->i", "ab,bc,cd,da->", "ij,ij,jk,kl,l->i",
    ]
    for text in subscripts:
        terms = text.split("->")[0].split(",")

        def f(*x):
            return torch.einsum(text, *x)

        case("einsum", f, *(Input([SIZES[letter] for letter in term], ANY) for term in terms), subscripts=text)
    sizes = [
        ("ij,jk->ik", [1, 5], [5, 1]), ("ij,jk->ik", [17, 19], [19, 13]), ("ij,jk->ik", [2, 0], [0, 3]), ("bij,bjk->bik", [1, 7, 9], [1, 9, 17]),
        ("i,i->", [37], [37]), ("i,i->", [0], [0]), ("bi,bi->b", [5, 19], [5, 19]), ("i,j->ij", [1], [7]), ("ii,i->", [1, 1], [1]),
        ("bhqd,bhkd->bhqk", [1, 1, 1, 1], [1, 1, 1, 1]), ("bhqd,bhkd->bhqk", [2, 3, 5, 7], [2, 3, 4, 7]),
    ]
    for text, a, b in sizes:
        case("einsum", lambda x, y: torch.einsum(text, x, y), Input(a, ANY), Input(b, ANY), subscripts=text)
    case("einsum", lambda x, y: torch.einsum("ij,jk->ik", x, y), Input([1, 4], ANY, expand=[3, 4]), Input([4, 1], ANY, expand=[4, 2]),
         subscripts="ij,jk->ik")
    case("einsum", lambda x, y: torch.einsum("bij,jk->bik", x, y), Input([1, 3, 4], ANY, expand=[2, 3, 4]), Input([4, 5], ANY),
         subscripts="bij,jk->bik")
    special = Input([3, 3], [1.0, INF, NAN, 2.0, -1.0, 0.0, INF, NAN, 0.5])
    case("einsum", lambda x: torch.einsum("ii->i", x), special, kinks=True, subscripts="ii->i")


def main():
    torch.set_num_threads(1)
    for family in products, einsums:
        family()
    write("products.json", '"cases":[\n' + ",\n".join(CASES) + "\n]\n")
    print(f"{len(CASES)} cases")


if __name__ == "__main__":
    sys.exit(main())
