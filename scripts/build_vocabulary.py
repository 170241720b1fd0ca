"""Write simulator/synthesis/vocabulary.txt: words of filler text, one token each in every encoding.

A word is kept if it is one token with a space before it, in cl100k_base and in o200k_base; a word
that begins a sentence must also be one token on its own. Run it after a change of the lists below:

    python scripts/build_vocabulary.py
"""

import argparse
import sys
from collections.abc import Callable
from pathlib import Path

ROOT = Path(__file__).resolve().parent.parent
sys.path.insert(0, str(ROOT))

from simulator.tokens.tokenizer import Tokenizer  # noqa: E402 - a script finds the package beside its folder

ENCODINGS = ("cl100k_base", "o200k_base")

CANDIDATES = {
    "start": "The This That Each Every Your Our Their His Her One Another",
    "opening": "However Therefore Instead Today Then Later Often Sometimes Usually Finally Perhaps "
    "First Next Here There Now Again Still Also Indeed Meanwhile Generally Overall",
    "determiner": "the the the the this that each every your our their his her one another",
    "adjective": "small large new old early late good great simple complex clear common public "
    "private local global open free full empty strong weak fast slow short long high low deep wide "
    "dark light bright quiet warm cold fresh dry wet rich poor young modern ancient recent future "
    "final general special single double main major minor central national regional social "
    "human natural physical digital medical legal financial economic political cultural "
    "scientific technical practical useful important necessary possible likely certain similar "
    "different various several careful happy serious popular famous beautiful wonderful "
    "interesting excellent perfect normal typical regular average standard basic primary secondary "
    "direct internal external active current previous following next last original official real "
    "actual true correct safe secure stable flexible reliable effective efficient powerful",
    "noun": "system service model network server client user customer team group company market "
    "product project plan report result number value question answer problem solution idea example "
    "story book page letter word language message note picture image map table list record file "
    "document paper article study test review process method approach design structure pattern "
    "function feature part piece section chapter unit set series level degree rate price cost "
    "budget account bank office house home room door window garden street road bridge city town "
    "village country region area island river lake sea ocean mountain valley forest field farm tree "
    "flower plant animal dog cat horse bird fish food water coffee tea bread fruit kitchen meal "
    "morning evening night day week month year season summer winter spring weather wind rain snow "
    "sun moon star planet light color sound music song voice film theater game player sport race "
    "school student teacher class lesson course university library museum doctor hospital patient "
    "family mother father child friend neighbor writer artist engineer scientist leader member "
    "person community society culture history science energy engine machine computer device screen "
    "keyboard camera phone car train ship plane journey trip path station airport hotel",
    "verb": "gives takes makes shows helps keeps brings finds follows needs uses offers holds "
    "supports improves changes moves opens closes starts builds creates describes explains "
    "includes contains covers connects carries reaches affects reflects represents provides "
    "requires allows avoids reduces increases protects shapes serves leads joins meets passes "
    "returns sends receives stores reads checks tests measures controls manages handles replaces "
    "supplies suggests confirms considers compares defines develops produces presents",
    "preposition": "in on near under over behind beside above below beyond across along around "
    "inside outside through toward towards with without within for from about after before "
    "during until against by",
    "adverb": "often always usually sometimes rarely never quickly slowly quietly clearly simply "
    "easily directly carefully gradually finally actually certainly probably generally",
    "conjunction": "and but so while because although when where since if unless",
    "and": "and",
    "closing": "too again today tomorrow together well indeed alone soon now here there",
}


def single(word: str, count: Callable[[str, str], int]) -> bool:
    """Whether the word is one token wherever in a text it stands."""
    forms = [f" {word}", word] if word[0].isupper() else [f" {word}"]
    return all(count(form, encoding) == 1 for form in forms for encoding in ENCODINGS)


def vocabulary(count: Callable[[str, str], int]) -> str:
    """The file's content: a line per kind of word, the kind first; a repeated word is likelier."""
    lines: list[str] = []
    for kind, words in CANDIDATES.items():
        kept = [word for word in words.split() if single(word, count)]
        lines.append(f"{kind}: {' '.join(kept)}\n")
    return "".join(lines)


def main(arguments: list[str] | None = None) -> None:
    parser = argparse.ArgumentParser(description=(__doc__ or "").partition("\n")[0])
    parser.add_argument(
        "--output",
        type=Path,
        default=ROOT / "simulator" / "synthesis" / "vocabulary.txt",
        help="the file to write",
    )
    options = parser.parse_args(arguments)
    options.output.write_text(vocabulary(Tokenizer().count), encoding="utf-8", newline="\n")
    print(f"wrote {options.output}")


if __name__ == "__main__":
    main()
