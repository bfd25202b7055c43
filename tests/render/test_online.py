"""Base maps of the network: which are known, and who may be asked for tiles."""

import pytest

from govmap import catalog
from govmap.errors import InputError
from govmap.render import online


@pytest.mark.parametrize("name", sorted(catalog.layer(online.BASES)))
def test_every_base_map_says_its_hosts_its_datum_and_its_source(name):
    known = catalog.layer(online.BASES)[name]
    base = online.online(name, "abcdef0123456789" if known["key"] else None)
    hosts = online.hosts(base)
    assert hosts
    assert all(one.startswith("https://") and "{" not in one and "*" not in one for one in hosts)
    assert base["datum"] in {"wgs84", "gcj02"}
    assert set(base["credit"]) == set(base["title"]) == {"zh", "en"}
    assert known["source"].startswith("http")
    assert not [tile for tile in base["tiles"] if "{key}" in tile]


def test_a_page_without_one_may_ask_nobody():
    assert online.hosts(None) == []


def test_tianditu_has_eight_hosts_and_amap_four():
    assert len(online.hosts(online.online("tianditu", "abcdef0123456789"))) == 8
    assert len(online.hosts(online.online("amap"))) == 4


@pytest.mark.parametrize(
    ("name", "key", "told"),
    [
        ("google", None, "online_no_base"),
        ("tianditu", None, "online_needs_key"),
        ("tianditu", "a b;img-src *", "online_bad_key"),
        ("tianditu", "short", "online_bad_key"),
    ],
)
def test_what_cannot_be_is_refused_with_a_sentence(name, key, told):
    with pytest.raises(InputError) as refused:
        online.online(name, key)
    assert refused.value.code == told


def test_characters_of_names_come_with_their_readings(town):
    from govmap.render.readings import readings

    found = readings(town())
    assert found["柳"] == "liu"
    assert set("柳园大街") <= set(found)
    assert readings({}) == {}
