"""`passport compute`: footprints of tables by hand, as a page and as JSON, and what is refused with its reason."""

from __future__ import annotations

import math
import shutil
from pathlib import Path

import pytest
from cli_runs import ROOT, Passport

EDGES = """\
supplier,consumer,amount,stage
steel,car,2,materials
bolt,car,10,materials
power,car,8,energy
steel,bolt,0.1,materials
power,bolt,0.2,energy
power,steel,4,energy
"""
NODES = """\
id,name,unit,country,direct,direct:methane [kg CH4]
power,Power,kWh,CN,0.5,0.01
steel,Steel 钢,kg,DE,1,0
bolt,Bolt,piece,DE,0,0
car,Car,piece,,5,0
"""


@pytest.fixture
def tables(tmp_path: Path) -> Path:
    """The car of the engine's tests as tables: power 0.5, steel 3, bolt 0.4, car 19."""
    (tmp_path / "edges.csv").write_text(EDGES, "utf-8")
    (tmp_path / "nodes.csv").write_text(NODES, "utf-8")
    return tmp_path


def test_the_final_product_by_hand(passport: Passport, tables: Path) -> None:
    done = passport("compute", tables / "edges.csv", "--by", "country", "--by", "stage", "--by", "tier", "--json")
    assert done.code == 0, done.err
    document = done.json
    assert document["graph"] == {"products": 4, "edges": 6}
    assert [column["unit"] for column in document["columns"]] == ["kg CO2e", "kg CH4"]
    (car,) = document["products"]
    assert (car["id"], car["per"]) == ("car", "1 piece")
    assert car["footprint"] == pytest.approx({"direct": 19, "methane": 0.22})
    suppliers, by_country, by_stage, by_tier = car["splits"]
    assert {part["id"]: part["value"]["direct"] for part in suppliers["parts"]} == pytest.approx(
        {"steel": 6, "bolt": 4, "power": 4}
    )
    assert suppliers["own"]["direct"] == 5
    assert {part["name"]: part["value"]["direct"] for part in by_country["parts"]} == pytest.approx({"CN": 11, "DE": 3})
    assert by_country["rest"]["direct"] == 5
    assert {part["name"]: part["value"]["direct"] for part in by_stage["parts"]} == pytest.approx(
        {"materials": 10, "energy": 4}
    )
    assert [part["value"]["direct"] for part in by_tier["parts"]] == pytest.approx([6, 6, 2])
    paths = car["paths"]
    assert sum(place["direct"] + place["hidden"] for place in paths["places"]) == pytest.approx(19)
    assert paths["coverage"] == pytest.approx(1)


def test_the_page(passport: Passport, tables: Path) -> None:
    done = passport("compute", tables, "--product", "Car", "--cutoff", "0.2")
    assert done.code == 0, done.err
    lines = [" ".join(line.split()) for line in done.out.splitlines()]
    assert "19.0 kg CO2e per 1 piece direct" in lines
    assert "0.220 kg CH4 per 1 piece methane" in lines
    assert "own emissions 5.00 26.3 %" in lines
    assert "Steel 钢 6.00 31.6 %" in lines
    assert "├── Bolt 4.00 (21.1 %)" in lines
    assert "5 places shown emit 78.9 %; not shown: 4.00 (21.1 %) kg CO2e" in lines
    assert lines[-1] == "left out by: --cutoff"


def test_the_page_in_chinese(passport: Passport, tables: Path) -> None:
    done = passport("compute", tables, "--lang", "zh")
    assert done.code == 0, done.err
    assert "19.0 kg CO2e（每 1 piece）" in done.out
    assert "自身排放" in done.out


def test_a_column_decides_what_is_large(passport: Passport, tables: Path) -> None:
    (car,) = passport("compute", tables, "--column", "methane", "--json").json["products"]
    assert car["paths"]["unit"] == "kg CH4"
    assert [place["value"] for place in car["paths"]["places"][:3]] == pytest.approx([0.22, 0.08, 0.08])


def test_all_products(passport: Passport, tables: Path) -> None:
    """One line a product with every digit; the same numbers as JSON."""
    done = passport("compute", tables, "--all")
    assert done.code == 0, done.err
    head, *lines = [line.split("\t") for line in done.out.splitlines()]
    assert head == ["id", "name", "per", "direct [kg CO2e]", "methane [kg CH4]"]
    assert {line[0]: float(line[3]) for line in lines} == pytest.approx(
        {"power": 0.5, "steel": 3, "bolt": 0.4, "car": 19}
    )
    products = passport("compute", tables, "--all", "--json").json["products"]
    assert {product["id"]: product["footprint"]["direct"] for product in products} == {
        line[0]: float(line[3]) for line in lines
    }


def test_several_final_products_are_listed(passport: Passport, tables: Path) -> None:
    with (tables / "nodes.csv").open("a", encoding="utf-8") as file:
        file.write("van,Van,piece,,7,0\n")
    done = passport("compute", tables)
    assert done.code == 0, done.err
    assert "Van" in done.out
    assert "hint: --product ID shows one of them" in done.err
    document = passport("compute", tables, "--json").json
    assert document["products"] == []
    assert {each["id"]: each["footprint"]["direct"] for each in document["others"]} == pytest.approx(
        {"car": 19, "van": 7}
    )


def test_samples_are_reproducible_and_agree_with_first_order(passport: Passport, tables: Path) -> None:
    asked = ("compute", tables, "--product", "car", "--monte-carlo", 2000, "--gsd", 1.1, "--json")
    once, again = (passport(*asked, "--seed", 7).json["products"][0]["uncertainty"] for _ in range(2))
    assert once == again
    other = passport(*asked, "--seed", 8).json["products"][0]["uncertainty"]
    assert other["mean"] != once["mean"]
    assert once["standard_deviation"] == pytest.approx(once["first_order_standard_deviation"], rel=0.1)
    assert once["quantiles"]["0.025"] < once["quantiles"]["0.5"] < once["quantiles"]["0.975"]
    assert 0 < sum(each["share"] for each in once["shares_of_variance"]) <= 1 + 1e-12


def test_samples_of_all_products(passport: Passport, tables: Path) -> None:
    document = passport("compute", tables, "--all", "--monte-carlo", 500, "--gsd", 1.1, "--json").json
    assert document["monte_carlo"] == {"samples": 500, "seed": 0}
    by_id = {product["id"]: product for product in document["products"]}
    assert by_id["car"]["mean"]["direct"] == pytest.approx(19, rel=0.05)
    done = passport("compute", tables, "--all", "--monte-carlo", 500, "--gsd", 1.1)
    assert done.out.splitlines()[0].endswith("standard deviation direct\tstandard deviation methane")


def test_unknown_uncertainty_is_not_zero(passport: Passport, tables: Path) -> None:
    done = passport("compute", tables, "--monte-carlo", 100)
    assert done.code == 2
    assert "the file states no uncertainty, and unknown is not zero" in done.err
    assert "hint: --gsd 1.2" in done.err


STATING_EDGES = """\
supplier,consumer,amount,distribution,spread
steel,car,2,lognormal,1.2
bolt,car,10,,
power,car,8,normal,10
steel,bolt,0.1,,
power,bolt,0.2,,
power,steel,4,lognormal,1
"""
STATING_NODES = """\
id,name,direct,distribution,spread
power,Power,0.5,lognormal,1.3
steel,Steel,1,,
bolt,Bolt,0,,
car,Car,5,,
"""


@pytest.fixture
def stating(tmp_path: Path) -> Path:
    """The same car, some of whose numbers state how far they may be off."""
    (tmp_path / "edges.csv").write_text(STATING_EDGES, "utf-8")
    (tmp_path / "nodes.csv").write_text(STATING_NODES, "utf-8")
    return tmp_path


def test_stated_spreads_are_drawn_and_the_rest_is_told(passport: Passport, stating: Path) -> None:
    """By hand: steel 2.2 x 1 and car 5 emit without a spread; only power over steel, or at once, rests on none without.

    Deviations to first order, at the means: steel's amount with 3 a unit, power's with 0.5, power's emissions in all.
    """
    document = passport("compute", stating, "--product", "car", "--monte-carlo", 4000, "--seed", 7, "--json").json
    assert document["spreads"] == {
        "amounts": {"count": 6, "stated": 3},
        "emissions": {"count": 3, "stated": 1},
        "gsd_of_the_rest": None,
    }
    found = document["products"][0]["uncertainty"]
    assert found["unstated"]["emissions"] == pytest.approx((2 * 1 + 10 * 0.1 * 1 + 5) / 19)
    assert found["unstated"]["anywhere"] == pytest.approx(1 - (8 * 0.5 + 2 * 4 * 0.5) / 19)
    steel, power = log_moments(1.2), log_moments(1.3)
    steel_each = 1 + 4 * 0.5 * power[0]
    needs = 8 + 4 * (2 * steel[0] + 1) + 2
    exact = math.sqrt(
        (2 * steel[0] * steel[1] * steel_each) ** 2
        + (8 * 0.1 * 0.5 * power[0]) ** 2
        + (needs * 0.5 * power[0] * power[1]) ** 2
    )
    assert found["first_order_standard_deviation"] == pytest.approx(exact, rel=1e-12)
    assert found["standard_deviation"] == pytest.approx(exact, rel=0.1)
    assert {each["input"] for each in found["shares_of_variance"]} == {"Steel → Car", "Power → Car", "Power"}


def log_moments(gsd: float) -> tuple[float, float]:
    """Mean / median and coefficient of variation."""
    sigma = math.log(gsd)
    return math.exp(sigma**2 / 2), math.sqrt(math.expm1(sigma**2))


def test_gsd_fills_only_what_states_none(passport: Passport, stating: Path) -> None:
    asked = ("compute", stating, "--product", "car", "--monte-carlo", 100, "--gsd", 1.05)
    document = passport(*asked, "--json").json
    assert document["spreads"]["gsd_of_the_rest"] == 1.05
    shares = {each["input"]: each["share"] for each in document["products"][0]["uncertainty"]["shares_of_variance"]}
    assert {"Steel → Car", "Bolt → Car", "Car"} <= set(shares)
    assert "Power → Steel" not in shares  # 1 says that it is exact
    done = passport(*asked)
    assert done.code == 0, done.err
    assert "a spread is stated for 3 of 6 amounts and 1 of 3 emissions" in done.out
    assert "for what states none, --gsd took a geometric standard deviation of 1.05" in done.out


def test_the_page_says_what_has_no_spread(passport: Passport, stating: Path) -> None:
    done = passport("compute", stating, "--product", "car", "--monte-carlo", 100)
    assert done.code == 0, done.err
    said = " ".join(done.out.split())
    assert "a spread is stated for 3 of 6 amounts and 1 of 3 emissions" in said
    assert "what states none was left as it is; unknown is not zero, so the true spread is wider" in said
    assert "of the footprint 42.1 % is emitted where none is stated, 57.9 % rests on some number without one" in said
    chinese = passport("compute", stating, "--product", "car", "--monte-carlo", 100, "--lang", "zh").out
    assert "未知不等于零" in chinese


def test_every_product_says_what_has_no_spread(passport: Passport, stating: Path) -> None:
    done = passport("compute", stating, "--all", "--monte-carlo", 100)
    assert done.code == 0, done.err
    assert "a spread is stated for 3 of 6 amounts and 1 of 3 emissions" in done.err
    document = passport("compute", stating, "--all", "--monte-carlo", 100, "--json").json
    by_id = {product["id"]: product["unstated"] for product in document["products"]}
    assert by_id["power"] == {"column": "direct", "emissions": 0, "anywhere": 0}
    assert by_id["steel"] == pytest.approx({"column": "direct", "emissions": 1 / 3, "anywhere": 1 / 3})
    assert document["spreads"]["amounts"] == {"count": 6, "stated": 3}


@pytest.mark.parametrize(("spread", "said"), [("0.9", "1 to 1000"), ("wide", "not a number"), ("", "an empty field")])
def test_a_spread_that_cannot_be_names_its_row(passport: Passport, stating: Path, spread: str, said: str) -> None:
    wrong = STATING_EDGES.replace("steel,car,2,lognormal,1.2", f"steel,car,2,lognormal,{spread}")
    (stating / "edges.csv").write_text(wrong, "utf-8")
    done = passport("compute", stating, "--monte-carlo", 100)
    assert (done.code, done.out) == (1, "")
    assert "edges.csv: row 1, spread" in done.err
    assert said in done.err


def test_a_loop_and_a_credit(passport: Passport, tmp_path: Path) -> None:
    """The how-to's battery pack, checked by a second road: e + A^T f = f in plain Python."""
    shutil.copytree(ROOT / "docs" / "example" / "pack", tmp_path / "pack")
    products = passport("compute", tmp_path / "pack", "--all", "--json").json["products"]
    footprint = {product["id"]: product["footprint"]["direct"] for product in products}
    direct = {
        line.split(",")[0]: float(line.rpartition(",")[2])
        for line in (tmp_path / "pack" / "nodes.csv").read_text("utf-8").splitlines()[1:]
    }
    added = dict(direct)
    for line in (tmp_path / "pack" / "edges.csv").read_text("utf-8").splitlines()[1:]:
        supplier, consumer, amount, *_ = line.split(",")
        added[consumer] += float(amount) * footprint[supplier]
    assert footprint == pytest.approx(added, rel=1e-9)
    (pack,) = passport("compute", tmp_path / "pack", "--by", "country", "--json").json["products"]
    german = next(part for part in pack["splits"][1]["parts"] if part["name"] == "DE")
    assert german["negative"]["direct"] == pytest.approx(-252)
    assert german["positive"]["direct"] > 0


@pytest.mark.parametrize(
    ("arguments", "code", "said"),
    [
        (("--product", "van"), 3, "no product of that id or name"),
        (("--column", "laughing gas"), 3, "no column of that name"),
        (("--by", "colour"), 2, "the file has no such tag"),
        (("--all", "--product", "car"), 2, "all products or some"),
        (("--gsd", "1.2"), 2, "a spread without samples"),
        (("--gsd", "0.5", "--monte-carlo", "10"), 2, "Invalid value for '--gsd'"),
        (("--monte-carlo", "1"), 2, "Invalid value for '--monte-carlo'"),
        (("--cutoff", "2"), 2, "Invalid value for '--cutoff'"),
        (("--nodes", "nowhere.csv"), 3, "nowhere.csv"),
    ],
    ids=lambda value: " ".join(value) if isinstance(value, tuple) else None,
)
def test_refusals(passport: Passport, tables: Path, arguments: tuple[str, ...], code: int, said: str) -> None:
    done = passport("compute", tables / "edges.csv", *arguments)
    assert (done.code, done.out) == (code, "")
    assert said in done.err


def test_an_impossible_loop_is_named(passport: Passport, tables: Path) -> None:
    with (tables / "edges.csv").open("a", encoding="utf-8") as file:
        file.write("car,steel,0.5,materials\n")
    assert passport("compute", tables).code == 2
    assert "every product is used by another" in passport("compute", tables).err
    done = passport("compute", tables, "--product", "car", "--json")
    assert done.code == 1
    error = done.json["error"]
    assert error["class"] == "UnproductiveError"
    assert {"car", "steel"} <= set(error["where"].replace(" -> ", " ").split())


def test_no_such_file(passport: Passport, tmp_path: Path) -> None:
    done = passport("compute", tmp_path / "nothing.csv")
    assert done.code != 0
    assert "no such file or folder" in done.err
