"""How much a text looks like Chinese that people write: the vote between GB18030 and Big5.

Wrongly decoded text is made of rare characters, private use and stray symbols; right text of common ones.
"""

from functools import cache

# The characters that company tables and ordinary prose are made of, both scripts.
_FREQUENT = (
    "的一是不了在人有我他这个们中来上大为和国地到以说时要就出会可也你对生能而子那得于着下自之年过发后作里"
    "这個們來為國說時會對於著過發後裡作用道行所然家种種事成方多经經么麼去法学學如都同现現当當没沒动動面起看定"
    "天分还還进進好小部其些主样樣理心她本前开開但因只从從想实實日军軍者意无無力它与與长長把机機十民第公此已工使"
    "情明性知全三又关關点點正业業外将將两兩高间間由问問很最重并並物手应應战戰向头頭文体體政美相见見被利什二等产產"
    "姓名客户戶公司电電话話手机機码碼邮郵箱地址省市区區县縣镇鎮街路号號楼樓室编編号联聯系繫人负負责責备備注註日期创創建"
    "更新时時间間统統社会會信用代码有限股份责任科技贸貿易集团團北京上海广廣东東深圳州杭南武汉漢成都天津重庆慶西安"
    "王李张張刘劉陈陳杨楊赵趙黄黃周吴吳徐孙孫胡朱高林何郭马馬罗羅梁宋郑鄭谢謝韩韓唐冯馮于董萧蕭程曹袁邓鄧许許傅沈"
    "合计計小总總制表审審核金额額数數量单單价價元月万萬台臺湾灣香港新竹高雄桃园園是否男女称稱职職务務部门門经理总监監"
)
_PUNCTUATION = "，。、；：？！“”‘’（）《》【】—…·～　￥％＋－／０１２３４５６７８９"


@cache
def _known() -> tuple[frozenset[str], frozenset[str]]:
    """Frequent characters, and the common halves of both standards (GB 2312 level 1, Big5 level 1)."""
    pairs_gb = (bytes((a, b)) for a in range(0xB0, 0xD8) for b in range(0xA1, 0xFF))
    pairs_big5 = (bytes((a, b)) for a in range(0xA4, 0xC7) for b in (*range(0x40, 0x7F), *range(0xA1, 0xFF)))
    common = {pair.decode("gb2312", "ignore") for pair in pairs_gb} | {p.decode("big5", "ignore") for p in pairs_big5}
    return frozenset(_FREQUENT + _PUNCTUATION), frozenset(common - {""})


def familiarity(text: str) -> float:
    """0..1: the mean familiarity of the characters beyond ASCII; 0 where there are none."""
    frequent, common = _known()
    letters = [char for char in text if char >= "\x80"]
    if not letters:
        return 0.0
    points = sum(1.0 if char in frequent else 0.6 if char in common else 0.0 for char in letters)
    return points / len(letters)
