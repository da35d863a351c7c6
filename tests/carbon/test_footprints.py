"""Footprints of whole graphs: by hand, against full matrices and a peer, and what must hold whatever the numbers."""

from __future__ import annotations

import subprocess
import sys

import numpy as np
import pytest
from engine_cases import KERNELS, Case, cases
from hypothesis import given
from hypothesis import strategies as st

from passport.carbon import SupplyGraph
from passport.carbon.kernels import ENVIRONMENT, chosen
from passport.errors import UsageError

pytestmark = pytest.mark.parametrize("kernel", KERNELS)


def test_a_chain_by_hand(kernel: str) -> None:
    """Ore 2, steel 0.5 + 1.5 x 2 = 3.5, car 1 + 4 x 3.5 + 0.5 x 2 = 16, in whatever order they stand."""
    graph = SupplyGraph.from_edges([2, 1, 2], [1, 0, 0], [1.5, 4, 0.5], [1, 0.5, 2], kernel=kernel)
    assert graph.footprints().tolist() == [16.0, 3.5, 2.0]


def test_two_sectors_of_miller_and_blair(kernel: str) -> None:
    """Miller and Blair, Input-Output Analysis, 2nd edition 2009, section 2.3: A = [[.15, .25], [.20, .05]].

    Its Leontief inverse is printed there as [[1.2541, 0.3300], [0.2640, 1.1221]]; the column sums are the multipliers
    that one unit of emissions in every sector gives.
    """
    arrays = ([0, 0, 1, 1], [0, 1, 0, 1], [0.15, 0.25, 0.20, 0.05])
    graph = SupplyGraph.from_edges(*arrays, np.eye(2), kernel=kernel)
    assert graph.footprints().T.round(4).tolist() == [[1.2541, 0.3300], [0.2640, 1.1221]]
    both = SupplyGraph.from_edges(*arrays, [1, 1], kernel=kernel)
    assert both.footprints().round(3).tolist() == [1.518, 1.452]


def test_a_product_that_uses_itself(kernel: str) -> None:
    """A power plant that takes a fifth of its own output: 1 / (1 - 0.2)."""
    graph = SupplyGraph.from_edges([0], [0], [0.2], [1], kernel=kernel)
    assert graph.footprints()[0] == pytest.approx(1.25, rel=1e-15)


def test_edges_between_the_same_two_are_summed(kernel: str) -> None:
    """Two deliveries of 2 and 3 units are one of 5."""
    graph = SupplyGraph.from_edges([0, 0], [1, 1], [2, 3], [10, 0], kernel=kernel)
    assert graph.footprints().tolist() == [10.0, 50.0]


def test_without_edges_footprints_are_what_products_emit(kernel: str) -> None:
    graph = SupplyGraph.from_edges([], [], [], [[1, 2], [3, 4]], kernel=kernel)
    assert graph.footprints().tolist() == [[1.0, 2.0], [3.0, 4.0]]
    assert graph.topology.n_levels == 1


@given(case=st.one_of(cases(), cases(acyclic=True), cases(signed=True)))
def test_full_matrices_say_the_same(kernel: str, case: Case) -> None:
    """NumPy's dense solve is the second road; the residual is below what is promised, and told."""
    graph = case.graph(kernel)
    expected = np.linalg.solve(case.system().T, case.direct)
    size = np.abs(np.linalg.inv(case.system())).T @ np.abs(case.direct)
    rounding = 1e-14 * size.max()  # of the dense solve, which leaves dust where nothing is
    assert np.all(np.abs(graph.footprints() - expected) <= 1e-11 * size + rounding)
    assert 0 <= graph.residual() <= 1e-10


@given(case=st.one_of(cases(), cases(acyclic=True)))
def test_emissions_are_neither_made_nor_lost(kernel: str, case: Case) -> None:
    """Mass balance: for a demand y and the outputs x = (I - A)^-1 y, the sum of y f is the sum of x e."""
    graph = case.graph(kernel)
    demand = np.arange(1.0, case.n + 1)
    output = sum(demand[product] * graph.requirements(product) for product in range(case.n))
    np.testing.assert_allclose(demand @ graph.footprints(), output @ case.direct, rtol=1e-11)


@given(case=cases(), factor=st.floats(-5, 5), other=st.integers(0, 2**32 - 1))
def test_footprints_are_linear_in_emissions(kernel: str, case: Case, factor: float, other: int) -> None:
    more = np.random.default_rng(other).random(case.direct.shape)
    graph = case.graph(kernel)
    both = graph.with_numbers(direct=case.direct + factor * more).footprints()
    apart = graph.footprints() + factor * graph.with_numbers(direct=more).footprints()
    np.testing.assert_allclose(both, apart, rtol=1e-9, atol=1e-9 * np.abs(apart).max())


@given(case=st.one_of(cases(), cases(acyclic=True)), powers=st.lists(st.integers(-40, 40), min_size=12, max_size=12))
def test_units_change_nothing(kernel: str, case: Case, powers: list[int]) -> None:
    """Units by powers of two lose no digit, so footprints are the same to the last one: grams, tonnes or cargoes."""
    unit = 2.0 ** np.array(powers[: case.n])
    scaled = Case(
        case.supplier,
        case.consumer,
        case.amount * unit[case.consumer] / unit[case.supplier],
        case.direct * unit[:, None],
    )
    found = scaled.graph(kernel).footprints() / unit[:, None]
    if case.graph(kernel).topology.n_blocks:
        np.testing.assert_allclose(found, case.graph(kernel).footprints(), rtol=1e-11)
    else:
        assert np.array_equal(found, case.graph(kernel).footprints())


@given(case=cases(), data=st.data())
def test_numbering_and_order_change_nothing(kernel: str, case: Case, data: st.DataObject) -> None:
    number = np.array(data.draw(st.permutations(range(case.n))), dtype=np.int64)
    rows = np.array(data.draw(st.permutations(range(len(case.amount)))), dtype=np.int64)
    direct = np.empty_like(case.direct)
    direct[number] = case.direct
    moved = Case(number[case.supplier][rows], number[case.consumer][rows], case.amount[rows], direct)
    np.testing.assert_allclose(moved.graph(kernel).footprints()[number], case.graph(kernel).footprints(), rtol=1e-11)


@given(case=st.one_of(cases(), cases(acyclic=True)))
def test_whatever_is_known_before_the_result_has_the_same_bits(kernel: str, case: Case) -> None:
    """Cold, with the order known, with other numbers before, one column or several: one sum in one order."""
    cold = case.graph(kernel).footprints()
    warm = case.graph(kernel)
    assert warm.topology.n_products == case.n
    assert np.array_equal(warm.footprints(), cold)
    before = case.graph(kernel).with_numbers(case.amount * 0.5, case.direct[:, 0] + 1)
    assert np.array_equal(before.with_numbers(case.amount, case.direct).footprints(), cold)
    for column in range(case.direct.shape[1]):
        alone = case.graph(kernel).with_numbers(direct=case.direct[:, column])
        if not warm.topology.n_blocks or kernel == "numba":
            assert np.array_equal(alone.footprints(), cold[:, column])
        fresh = Case(case.supplier, case.consumer, case.amount, case.direct[:, [column]]).graph(kernel)
        if not warm.topology.n_blocks or kernel == "numba":
            assert np.array_equal(fresh.footprints()[:, 0], cold[:, column])


@given(case=st.one_of(cases(acyclic=True), cases(acyclic=True, signed=True)))
def test_both_kernels_give_the_same_bits_without_loops(kernel: str, case: Case) -> None:
    assert np.array_equal(case.graph(kernel).footprints(), case.graph("numpy").footprints())


@given(case=cases(signed=True))
def test_both_kernels_agree_in_loops(kernel: str, case: Case) -> None:
    size = np.abs(np.linalg.inv(case.system())).T @ np.abs(case.direct)
    assert np.all(np.abs(case.graph(kernel).footprints() - case.graph("numpy").footprints()) <= 1e-11 * size)


def test_other_numbers_leave_the_first_graph_alone(kernel: str) -> None:
    """A copy with other amounts shares the order; both keep their numbers, and neither sees the other's updates."""
    graph = SupplyGraph.from_edges([0], [1], [2.0], [1.0, 0.0], kernel=kernel)
    other = graph.with_numbers([3.0])
    assert graph.footprints().tolist() == [1.0, 2.0]
    assert other.footprints().tolist() == [1.0, 3.0]
    assert other.amount.tolist() == [3.0]
    assert other.topology is graph.topology
    other.update(direct={0: 5.0})
    assert other.footprints().tolist() == [5.0, 15.0]
    assert other.with_numbers(direct=[1.0, 1.0]).footprints().tolist() == [1.0, 4.0]
    assert graph.footprints().tolist() == [1.0, 2.0]


def test_what_is_handed_out_cannot_be_written(kernel: str) -> None:
    amount = np.array([2.0])
    graph = SupplyGraph.from_edges([0], [1], amount, [1.0, 0.0], kernel=kernel)
    amount[0] = 99.0
    for array in (graph.footprints(), graph.amount, graph.direct, graph.supplier, graph.consumer, graph.edge_ids):
        assert not array.flags.writeable
    assert graph.footprints().tolist() == [1.0, 2.0]


def test_a_chain_of_thousands_of_tiers(kernel: str) -> None:
    """Each link takes half of the one before and emits one: 2 - 2^-k, exact in binary."""
    n = 20_000
    links = np.arange(n - 1)
    graph = SupplyGraph.from_edges(links, links + 1, np.full(n - 1, 0.5), np.ones(n), kernel=kernel)
    assert graph.topology.n_levels == n
    assert graph.footprints()[:50].tolist() == [2.0 - 0.5**k for k in range(50)]
    assert graph.requirements(n - 1)[-50:].tolist() == [0.5**k for k in range(49, -1, -1)]


def test_a_large_loop(kernel: str) -> None:
    """3,000 products in a ring that each take half of the one before and emit one have footprint 2."""
    n = 3000
    ring = np.arange(n)
    graph = SupplyGraph.from_edges(ring, (ring + 1) % n, np.full(n, 0.5), np.ones(n), kernel=kernel)
    np.testing.assert_allclose(graph.footprints(), 2.0, rtol=1e-13)
    assert graph.topology.n_blocks == 1


def test_bw2calc_says_the_same(kernel: str) -> None:
    """The peer solves (I - A) s = d for one product and sums its emissions; same matrices, one demand after another."""
    bw2calc = pytest.importorskip("bw2calc")
    bw_processing = pytest.importorskip("bw_processing")
    random = np.random.default_rng(3)
    n, m = 40, 200
    supplier, consumer = random.integers(0, n, m), random.integers(0, n, m)
    # The peer's datapackages sum edges between the same two as ours do; a product's own column holds what it makes.
    amount, direct = 0.15 * random.random(m), random.random(n)
    package = bw_processing.create_datapackage(sum_intra_duplicates=True)
    ends = np.array(
        [*zip(supplier, consumer, strict=True), *zip(range(n), range(n), strict=True)],
        dtype=bw_processing.INDICES_DTYPE,
    )
    package.add_persistent_vector(
        matrix="technosphere_matrix",
        indices_array=ends,
        data_array=np.concatenate((amount, np.ones(n))),
        flip_array=np.concatenate((np.ones(m, bool), np.zeros(n, bool))),
    )
    emissions = np.array([(1000, product) for product in range(n)], dtype=bw_processing.INDICES_DTYPE)
    package.add_persistent_vector(matrix="biosphere_matrix", indices_array=emissions, data_array=direct)
    package.add_persistent_vector(
        matrix="characterization_matrix",
        indices_array=np.array([(1000, 0)], dtype=bw_processing.INDICES_DTYPE),
        data_array=np.ones(1),
    )
    peer = bw2calc.LCA(demand={0: 1}, data_objs=[package])
    peer.lci()
    peer.lcia()
    footprints = SupplyGraph.from_edges(supplier, consumer, amount, direct, kernel=kernel).footprints()
    for product in range(0, n, 7):
        peer.lcia({product: 1})
        assert footprints[product] == pytest.approx(peer.score, rel=1e-9)


def test_the_environment_chooses_the_kernel(kernel: str, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv(ENVIRONMENT, kernel)
    assert SupplyGraph.from_edges([], [], [], [1]).kernel == kernel
    monkeypatch.setenv(ENVIRONMENT, "fortran")
    with pytest.raises(UsageError, match="expected auto, numba or numpy; found fortran"):
        chosen()


def test_without_numba_numpy_does_it(kernel: str) -> None:
    """In a process where numba cannot be found, `auto` is NumPy, and numba by name is refused with its extra."""
    code = """
import sys
from importlib.abc import MetaPathFinder
class Hidden(MetaPathFinder):
    def find_spec(self, name, path=None, target=None):
        if name.split(".")[0] in ("numba", "llvmlite"):
            raise ModuleNotFoundError(f"No module named {name!r}", name=name)
class Absent(Hidden):
    pass
import importlib.util
real = importlib.util.find_spec
importlib.util.find_spec = lambda name, package=None: None if name == "numba" else real(name, package)
sys.meta_path.insert(0, Absent())
from passport.carbon import SupplyGraph
from passport.errors import UsageError
graph = SupplyGraph.from_edges([0, 1], [1, 0], [0.5, 0.5], [1, 1])
print(graph.kernel, graph.footprints().tolist(), "numba" in sys.modules)
try:
    SupplyGraph.from_edges([], [], [], [1], kernel="numba")
except UsageError as error:
    print(error)
"""
    done = subprocess.run([sys.executable, "-c", code], capture_output=True, text=True, timeout=60)
    assert done.returncode == 0, done.stderr
    first, second = done.stdout.splitlines()
    assert first == "numpy [2.0, 2.0] False"
    assert second == 'kernel: numba is not installed (hint: pip install "carbon-passport[fast]")'
