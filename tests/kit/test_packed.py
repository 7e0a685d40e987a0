from webapp.kit.packed import Packed


def test_what_is_packed_comes_out_in_its_order_as_often_as_it_is_read() -> None:
    packed: Packed[tuple[int, str]] = Packed()
    items = [(number, "a" * (number % 7)) for number in range(2_500)]
    for item in items:
        packed.append(item)

    assert len(packed) == 2_500
    assert list(packed) == list(packed) == items
