"""The words by which rows that are no records are known: totals, footers, and the labels of a header."""

import re

# 共8家, 12 户, ￥3,000元
_COUNT = r"(?:共计?|总共|合计)?\s*[-+¥￥$]?\s*\d[\d,，.]*\s*(?:[%％元条个個户戶家人位名项項笔筆单行台套间所次份]|万元|records?|rows?)?"
# A row whose first text is one of these and whose other cells are numbers is a sum, not a record.
TOTAL_PATTERN = (
    r"(?i)^\s*(?:\p{Han}{1,6}(?:合计|小计|总计)|总\s*合\s*计|合\s*计|小\s*计|总\s*计|共\s*计|累\s*计|汇\s*总|总\s*数|本页(?:合计|小计)|總\s*計|合\s*計|小\s*計"
    r"|(?:grand |sub)?-?total|sum)\s*(?:[（(][^）)]*[）)])?\s*[:：,，、]?\s*(?:" + _COUNT + r")?\s*[。.]?\s*$"
)
NUMBER_PATTERN = r"^\s*(?:" + _COUNT + r"[。.]?|[-+¥￥$]?\s*[\d,，.]+\s*%?)\s*$"

# The first text of a line below the table.
FOOTER = re.compile(
    r"^\s*(?:制\s*表|审\s*核|复\s*核|批\s*准|打\s*印|导\s*出|填\s*(?:表|报)|经\s*办|主\s*管|编\s*制|统\s*计|报\s*表|签\s*字|日\s*期"
    r"|製\s*表|審\s*核|列\s*印|匯\s*出|prepared|printed|exported|generated|created|approved|reviewed|report)"
    r"[^:：]{0,8}[:：]"
    r"|^\s*(?:备\s*注|注|说\s*明|附\s*注|數?据?来源|数据来源|資料來源|单位|單位|note|notes|remark|source)\s*[:：]"
    r"|^\s*(?:共|总共|合计|共计)\s*\d[\d,]*\s*(?:条|行|笔|项|人|家|户|個|个|筆|條)"
    r"|^\s*第\s*\d+\s*页|^\s*page \d+|^\s*以下\s*(?:空白|无正文)|^\s*[-—=*]{3,}\s*(?:end|完|结束)?"
    r"|^\s*\(?\d[\d,]* (?:rows?|records?)\b|^\s*end of (?:report|file)",
    re.IGNORECASE,
)

# What labels are made of; a cell that holds one of these is likely to name a column.
LABEL = re.compile(
    r"姓名|名称|名稱|客户|客戶|(?<!有限)(?<!责任)(?:公司|企业|企業|单位|單位)(?:[名全简简簡地电電联类性规税网/（(]|$)|联系|聯繫|聯絡|电话|電話|手机|手機|座机|固话|邮箱|郵箱|邮件|電郵|地址|省份?$|城市|地区"
    r"|编号|編號|序号|序號|代码|代碼|税号|日期|时间|時間|备注|備註|说明|负责|負責|归属|业务员|状态|狀態|类型|類型|类别|来源|渠道|职[务位称]|职称|称谓"
    r"|部门|行业|等级|级别|数量|金额|单价|合同|性别|年龄|生日|身份证|证件|部門|行業"
    r"|\b(?:name|company|phone|mobile|tel|e-?mail|mail|address|city|province|country|date|time|id|code|type|status|owner|source|"
    r"created|updated|title|remark|note|amount|price|quantity|gender|age)\b",
    re.IGNORECASE,
)
# What labels never look like: long digits, mail addresses, dates, web addresses.
DATA = re.compile(r"\d{5,}|@|＠|\d{4}[-/.年]\d{1,2}|^\s*[-+]?[\d,.，]+%?\s*$|://|\d{2}:\d{2}", re.ASCII)
