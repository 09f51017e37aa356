from itertools import pairwise

from passmuster.model.report import FlowEdge
from passmuster.report.html.flow_map import NODE_HEIGHT, draw
from passmuster.report.html.flow_table import MOST_LINES, flow_table
from tests.report import sample


def many(number: int) -> list[FlowEdge]:
    boundaries = ("internal", "external", "partner", None)
    return [
        FlowEdge(
            source=f"source {n % 70}",
            app=f"app {n % 130}",
            target=f"target {n}",
            host=f"host-{n % 90}.example",
            boundary=boundaries[n % 4],
            classification="restricted" if n % 50 == 0 else None,
        )
        for n in range(number)
    ]


def test_every_source_app_and_destination_of_a_small_map_is_one_box():
    drawing = draw(sample.flows().edges)
    labels = [node.label for node in drawing.nodes]
    assert labels.count("CRM to spreadsheet") == 1
    assert labels.count("CRM database") == 2
    assert not drawing.is_reduced


def test_boxes_of_a_layer_do_not_overlap_and_stay_inside_the_drawing():
    drawing = draw(many(500))
    for x in {node.x for node in drawing.nodes}:
        tops = sorted(node.y for node in drawing.nodes if node.x == x)
        assert all(later - earlier >= NODE_HEIGHT for earlier, later in pairwise(tops))
        assert tops[0] > 0
        assert tops[-1] + NODE_HEIGHT <= drawing.height


def test_five_hundred_flows_become_a_map_one_can_read_and_nothing_is_lost_silently():
    drawing = draw(many(500))
    assert len(drawing.nodes) <= 60
    assert drawing.is_reduced
    assert any(node.label.endswith("other apps") for node in drawing.nodes)
    assert any("other destination" in node.label for node in drawing.nodes)
    assert drawing.text.startswith("500 flows through 130 apps")


def test_external_destinations_are_marked_in_words_and_come_first():
    targets = [node for node in draw(sample.flows().edges).nodes if node.note]
    assert targets[0].note.startswith("External")
    assert [node.kind for node in targets[:4]] == ["external"] * 4


def test_flows_of_sensitive_data_are_drawn_apart():
    drawing = draw(sample.flows().edges)
    assert {link.is_sensitive for link in drawing.links} == {True, False}


def test_a_flow_that_starts_in_its_app_has_no_source_box():
    drawing = draw([FlowEdge("", "app", "target")])
    assert [node.label for node in drawing.nodes] == ["app", "target"]
    assert len(drawing.links) == 1


def test_a_long_table_is_grouped_by_destination_and_says_how_many_are_left_out():
    table = flow_table(many(500))
    assert table.is_grouped
    assert len(table.lines) == MOST_LINES
    assert table.rest > 0
    assert [line.boundary for line in table.lines[:3]] == ["external"] * 3


def test_a_short_table_has_one_line_a_flow():
    table = flow_table(sample.flows().edges)
    assert len(table.lines) == len(sample.flows().edges)
    assert not table.is_grouped


def test_what_is_not_known_is_told_and_not_counted_as_internal():
    told = draw([FlowEdge("", "app", "target"), FlowEdge("", "app", "out", boundary="external")]).text
    assert "not known whether internal or external: 1 flow" in told
    assert "not known how sensitive: 1 more" in told


def test_a_long_address_keeps_its_host_and_its_end():
    (_, node) = draw([FlowEdge("", "app", "https://flows.company.example/webhook/some/long/path/orders-new")]).nodes
    assert node.label.startswith("flows.compan")
    assert node.label.endswith("orders-new")
