from simulator.recordings.exchange import Piece, Pieces

MADE = (Piece(b"data: 1\n\n", 3), Piece(b"", 4), Piece(b"data: [DONE]\n\n", 10**30))


def test_pieces_in_one_are_what_they_were_made_of():
    pieces = Pieces(MADE)
    assert tuple(pieces) == MADE
    assert (pieces == MADE, pieces == Pieces(MADE)) == (True, True)
    assert pieces != MADE[:2]
    assert (pieces[1], pieces[1:], len(pieces)) == (MADE[1], MADE[1:], 3)
    assert tuple(reversed(pieces)) == MADE[::-1]
    assert pieces.body == b"data: 1\n\ndata: [DONE]\n\n"


def test_there_may_be_no_pieces():
    assert (len(Pieces(())), Pieces(()).body) == (0, b"")
