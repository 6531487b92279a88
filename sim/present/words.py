"""The one dictionary of what users read, in English and Chinese."""

from __future__ import annotations

from typing import Literal

Language = Literal["en", "zh"]

WORDS: dict[str, dict[str, str]] = {
    # The terminal: numbers and sentences
    "null": {"en": "not reached", "zh": "未达到"},
    "comma": {"en": ", ", "zh": "、"},
    "interval": {"en": "{value} ({low} to {high})", "zh": "{value}（{low} 至 {high}）"},
    "run.completed": {
        "en": "{title}: of the cases received, {rate} are completed by the census, {per_wd}; {open} stay open, {blocked} of them blocked.",
        "zh": "{title}：截至统计日办结率 {rate}，日均办结 {per_wd}；在办 {open}，其中受阻 {blocked}。",
    },
    "run.everyone": {
        "en": "Everyone's cases, in the hall or not, take {elapsed} from first contact to document in hand, and {visits}.",
        "zh": "全部办件（无论是否在中心办理）从首次办事到取得证件平均 {elapsed}，跑动 {visits}。",
    },
    "run.wait": {
        "en": "Applicants wait {wait} in the hall; the longest wait of a history is {longest}.",
        "zh": "在中心平均等候 {wait}；一次模拟中最长等候 {longest}。",
    },
    "compare.with": {"en": "With “{title}” {clauses}.", "zh": "实行“{title}”后，{clauses}。"},
    "compare.none": {
        "en": "“{title}” changes none of the leading figures.",
        "zh": "“{title}”不改变任何主要指标。",
    },
    "compare.worse": {"en": " Worse: {figures}.", "zh": "变差的指标：{figures}。"},
    "compare.rival": {
        "en": "It depends: “{rival}” explains the report as well, and there everyone's elapsed time changes otherwise: {apart}.",
        "zh": "结论取决于假设：“{rival}”同样能解释报告，但全口径平均时间的变化不同：{apart}。",
    },
    "compare.rival_one": {
        "en": "“{title}” {there} wd instead of {here} wd",
        "zh": "“{title}”为 {there} 而不是 {here} 个工作日",
    },
    "semicolon": {"en": "; ", "zh": "；"},
    "compare.rival_same": {
        "en": "Under “{rival}”, which explains the report as well, everyone's elapsed time changes by as much, within the intervals.",
        "zh": "在同样能解释报告的“{rival}”下，全口径平均时间的变化大致相同。",
    },
    "clause.all_elapsed_mean_wd": {"en": "the time a case takes", "zh": "每件平均时间"},
    "clause.all_elapsed_mean_wd.less": {
        "en": "a case takes {size} less ({low} to {high})",
        "zh": "每件平均时间减少 {size}（{low} 至 {high}）",
    },
    "clause.all_elapsed_mean_wd.more": {
        "en": "a case takes {size} more ({low} to {high})",
        "zh": "每件平均时间增加 {size}（{low} 至 {high}）",
    },
    "clause.all_visits_mean": {"en": "the number of visits", "zh": "跑动次数"},
    "clause.all_visits_mean.less": {
        "en": "needs {size} fewer ({low} to {high})",
        "zh": "跑动减少 {size}（{low} 至 {high}）",
    },
    "clause.all_visits_mean.more": {
        "en": "needs {size} more ({low} to {high})",
        "zh": "跑动增加 {size}（{low} 至 {high}）",
    },
    "clause.all_completion_rate": {"en": "the completion rate", "zh": "办结率"},
    "clause.all_completion_rate.less": {
        "en": "the completion rate falls by {size} ({low} to {high})",
        "zh": "办结率下降 {size}（{low} 至 {high}）",
    },
    "clause.all_completion_rate.more": {
        "en": "the completion rate rises by {size} ({low} to {high})",
        "zh": "办结率上升 {size}（{low} 至 {high}）",
    },
    "clause.unclear": {
        "en": "whether {label} changes cannot be told at {n} replications{more}",
        "zh": "{label}的变化在 {n} 次模拟下无法分辨{more}",
    },
    "clause.needed": {"en": " (about {number} would tell)", "zh": "（约需 {number} 次）"},
    "table.figures": {
        "en": "Headline figures (means with 95 % intervals)",
        "zh": "主要指标（均值与 95% 置信区间）",
    },
    "table.report": {"en": "The report against the simulation", "zh": "报告与模拟对照"},
    "table.differences": {
        "en": "Headline figures, and what changes (simultaneous 95 % intervals; ✓ better, ✗ worse, ? not distinguishable)",
        "zh": "主要指标及变化（同时 95% 置信区间；✓ 改善，✗ 变差，? 无法分辨）",
    },
    "column.figure": {"en": "Figure", "zh": "指标"},
    "column.unit": {"en": "Unit", "zh": "单位"},
    "column.mean": {"en": "Simulated", "zh": "模拟"},
    "column.interval": {"en": "95 % interval", "zh": "95% 区间"},
    "column.report": {"en": "Report", "zh": "报告"},
    "column.deviation": {"en": "Off by", "zh": "偏差"},
    "column.history": {"en": "One history, 95 %", "zh": "单次历史 95%"},
    "column.inside": {"en": "Inside", "zh": "在内"},
    "column.fitted": {"en": "Fitted", "zh": "拟合"},
    "column.when": {"en": "When", "zh": "时间"},
    "column.until": {"en": "Until", "zh": "至"},
    "column.what": {"en": "What", "zh": "事项"},
    "column.who": {"en": "Who", "zh": "经办"},
    "column.path": {"en": "Parameter", "zh": "参数"},
    "column.value": {"en": "Value", "zh": "值"},
    "column.grade": {"en": "Grade", "zh": "等级"},
    "column.range": {"en": "Plausible", "zh": "合理范围"},
    "column.note": {"en": "Source", "zh": "来源"},
    "column.id": {"en": "Id", "zh": "标识"},
    "column.definition": {"en": "Definition", "zh": "定义"},
    "column.population": {"en": "Population", "zh": "口径"},
    "yes": {"en": "yes", "zh": "是"},
    "no": {"en": "no", "zh": "否"},
    "verdict.no difference": {"en": "same", "zh": "不变"},
    "verdict.not measured": {"en": "–", "zh": "–"},
    "caution.interrupted": {
        "en": "Interrupted: {n} of {asked} replications were finished and are kept.",
        "zh": "已中断：{asked} 次模拟完成了 {n} 次，结果保留。",
    },
    "caution.one": {
        "en": "One replication is one history: no interval can be given. Use --replications 20 or more.",
        "zh": "只有一次模拟，无法给出区间。请用 --replications 20 或更多。",
    },
    "caution.few": {
        "en": "Only {n} replications: intervals are wide, and small differences stay hidden.",
        "zh": "仅 {n} 次模拟：区间较宽，细小差异无法分辨。",
    },
    "caution.overload": {
        "en": "Overloaded in {scenario}: {groups} get {offered} minutes of work per working day and can do {capacity} (Σ rate × expected times × mean duration ÷ people × presence × open minutes = {ratio}); the queue grows without end.",
        "zh": "{scenario} 超负荷：{groups} 每工作日需办 {offered} 分钟，能力为 {capacity} 分钟（Σ 到件率 × 期望次数 × 平均用时 ÷ 人数 × 在岗率 × 开放分钟 = {ratio}）；队列将无限增长。",
    },
    "done.files": {"en": "Files: {folder}", "zh": "文件：{folder}"},
    "done.nothing": {
        "en": "Interrupted before a replication was finished; nothing was written.",
        "zh": "在完成一次模拟前中断，未写入任何内容。",
    },
    "progress": {"en": "replications", "zh": "模拟次数"},
    "progress.left": {"en": "left", "zh": "剩余"},
    "progress.charts": {"en": "Drawing charts …", "zh": "正在绘制图表……"},
    "check.good": {"en": "{name}: no problems.", "zh": "{name}：没有问题。"},
    "check.summary": {
        "en": "{items} items of {departments} departments; {entered} items in the hall ({rate}), {full} with full authority; {windows} people at windows, {qualified} of them may decide; {total} people in all.",
        "zh": "{departments} 个单位、{items} 个事项；进驻 {entered} 项（{rate}），完全授权 {full} 项；窗口人员 {windows} 人，其中可决定 {qualified} 人；共 {total} 人。",
    },
    "check.horizon": {
        "en": "{start} to {census}: {wd} working days, then {follow_up} of follow-up; {cases} cases per working day for all items, {hall} of them for the hall.",
        "zh": "{start} 至 {census}：{wd} 个工作日，另随访 {follow_up} 个工作日；全部事项每工作日 {cases} 件，其中中心 {hall} 件。",
    },
    "check.load": {
        "en": "Heaviest load: {groups}, {offered} of {capacity} minutes per working day ({ratio}).",
        "zh": "负荷最重：{groups}，每工作日 {offered} / {capacity} 分钟（{ratio}）。",
    },
    "check.problems": {"en": "{number} problems:", "zh": "{number} 个问题："},
    "explain.route": {
        "en": "{name} ({id}), {department}: the route in {scenario}",
        "zh": "{name}（{id}），{department}：在“{scenario}”中的流程",
    },
    "explain.facts": {
        "en": "{entered}; authority {authority}; {joint}promised {promised} wd; {rate} cases per wd.",
        "zh": "{entered}；授权：{authority}；{joint}承诺 {promised} 个工作日；每工作日 {rate} 件。",
    },
    "explain.entered": {"en": "entered in the hall", "zh": "已进驻"},
    "explain.not_entered": {
        "en": "not entered, handled at the home department",
        "zh": "未进驻，在原单位办理",
    },
    "explain.joint": {"en": "joint approval ({mode}); ", "zh": "联合办理（{mode}）；"},
    "explain.picture": {"en": "Picture: {path}", "zh": "图：{path}"},
    "authority.none": {"en": "none (mailroom)", "zh": "无（收发室）"},
    "authority.partial": {"en": "partial", "zh": "部分"},
    "authority.full": {"en": "full", "zh": "完全"},
    "authority.department": {"en": "the home department's", "zh": "由原单位决定"},
    "joint.applicant": {"en": "carried by the applicant", "zh": "申请人自跑"},
    "joint.serial": {"en": "serial", "zh": "串联"},
    "joint.parallel": {"en": "parallel", "zh": "并联"},
    "story.title": {
        "en": "{name}, applicant {number}, in {scenario}",
        "zh": "{name}，第 {number} 位申请人，“{scenario}”",
    },
    "story.visit": {"en": "→ goes to {place}", "zh": "→ 到{place}"},
    "story.left": {"en": "{what}: left without being served", "zh": "{what}：未办理先离开"},
    "story.expired": {"en": "{what}: the limit ran out", "zh": "{what}：时限已到"},
    "story.waited": {"en": "{what} (waited {minutes} min)", "zh": "{what}（等候 {minutes} 分钟）"},
    "story.open": {"en": "still open", "zh": "尚未结束"},
    "unit.min": {"en": "min", "zh": "分钟"},
    "unit.wd": {"en": "wd", "zh": "个工作日"},
    "place.home": {"en": "the {unit}", "zh": "{unit}"},
    # Lines of a route
    "line.serve": {"en": "{label}: {who}, {mean} on average", "zh": "{label}：{who}，平均 {mean}"},
    "line.again": {
        "en": "again: {label}, at most {times} more times",
        "zh": "再次{label}，最多还有 {times} 次",
    },
    "line.delay": {"en": "{label}: {mean} on average", "zh": "{label}：平均 {mean}"},
    "line.session": {"en": "{label}: {who}", "zh": "{label}：{who}"},
    "line.choice": {"en": "{label}", "zh": "{label}"},
    "line.branch.chance": {"en": "with probability {probability}:", "zh": "概率 {probability}："},
    "line.branch.present": {"en": "if {who} is there:", "zh": "若{who}在岗："},
    "line.branch.attending": {"en": "if {who} is in:", "zh": "若{who}在："},
    "line.branch.expected": {
        "en": "if it is expected within {limit_min} min ({who}):",
        "zh": "若预计 {limit_min} 分钟内办成（{who}）：",
    },
    "line.branch.otherwise": {"en": "otherwise:", "zh": "否则："},
    "line.branch.left": {"en": "who leaves:", "zh": "离开者："},
    "line.branch.at_the_same_time": {"en": "at the same time:", "zh": "同时："},
    "line.parallel": {"en": "{label}", "zh": "{label}"},
    "line.within": {"en": "{label}: {limit_wd} wd", "zh": "{label}：{limit_wd} 个工作日"},
    "line.suspend": {"en": "the clock stands still:", "zh": "停止计时："},
    "line.visit": {"en": "VISIT {label}", "zh": "到{label}"},
    "line.mark": {"en": "— {label} —", "zh": "— {label} —"},
    "line.exit": {"en": "END: {label}", "zh": "结束：{label}"},
    "skill.window": {"en": "window of the {unit}", "zh": "{unit}窗口"},
    "skill.desk": {"en": "window staff of the {unit}", "zh": "{unit}窗口人员"},
    "skill.decide": {"en": "qualified person of the {unit}", "zh": "{unit}首席代表"},
    "skill.approve": {"en": "back desk of the {unit}", "zh": "{unit}后台"},
    "skill.section": {"en": "section {number} of the {unit}", "zh": "{unit}第{number}股室"},
    "skill.reception": {"en": "reception of the {unit}", "zh": "{unit}接待"},
    "skill.leader": {
        "en": "a leader of the {unit}, at the end of a half-day in the office",
        "zh": "{unit}领导，在岗半日结束时",
    },
    "skill.courier": {"en": "next departure", "zh": "下一班"},
    "skill.coordination meeting": {"en": "a later coordination meeting", "zh": "之后某次协调会"},
    # What happens to a case
    "activity.hall": {"en": "the hall", "zh": "办事大厅"},
    "activity.bank": {"en": "the bank", "zh": "银行"},
    "activity.be sent on": {"en": "be sent on from the information desk", "zh": "咨询台引导"},
    "activity.tries the hall first?": {"en": "tries the hall first?", "zh": "是否先到大厅？"},
    "activity.accept": {"en": "accept", "zh": "受理"},
    "activity.receive at the department": {"en": "receive at the department", "zh": "原单位接待"},
    "activity.outside the remit?": {"en": "outside the remit?", "zh": "是否不属职权？"},
    "activity.papers incomplete?": {"en": "papers incomplete?", "zh": "材料是否不全？"},
    "activity.make up papers": {"en": "make up papers", "zh": "补正材料"},
    "activity.come again another day": {"en": "come again another day", "zh": "改日再来"},
    "activity.stay away": {"en": "stay away", "zh": "暂不再来"},
    "skill.opening of the hall": {"en": "when the hall opens", "zh": "大厅开门时"},
    "activity.promised limit": {"en": "promised limit", "zh": "承诺时限"},
    "activity.received": {"en": "received", "zh": "接件"},
    "activity.accepted": {"en": "papers complete, accepted", "zh": "材料齐全，受理"},
    "activity.made_up": {"en": "one-time notice", "zh": "一次性告知"},
    "activity.decided": {"en": "decided", "zh": "办结"},
    "activity.immediate": {"en": "immediate", "zh": "即办"},
    "activity.in_hand": {"en": "document in hand", "zh": "取得证件"},
    "activity.done": {"en": "done", "zh": "办成"},
    "activity.returned": {"en": "returned", "zh": "退回"},
    "activity.withdrawn": {"en": "withdrawn", "zh": "撤回"},
    "activity.forward": {"en": "register and forward", "zh": "登记移交"},
    "activity.review at the window": {"en": "review at the window", "zh": "窗口审查"},
    "activity.decide while the applicant waits": {
        "en": "decide while the applicant waits",
        "zh": "当场决定",
    },
    "activity.decide at the back desk": {"en": "decide at the back desk", "zh": "后台决定"},
    "activity.can the applicant wait for it?": {
        "en": "can the applicant wait for it?",
        "zh": "申请人能否等候？",
    },
    "activity.hindered?": {"en": "hindered?", "zh": "是否受阻或中止？"},
    "activity.stuck?": {"en": "stuck?", "zh": "是否停滞？"},
    "activity.stuck until a meeting frees it": {
        "en": "stuck until a meeting frees it",
        "zh": "停滞，待协调会解决",
    },
    "activity.clock stopped for supplements": {
        "en": "clock stopped for supplements",
        "zh": "补充材料，中止计时",
    },
    "activity.clock stopped": {"en": "clock stopped", "zh": "停止计时"},
    "activity.site visit": {"en": "site visit", "zh": "现场踏勘"},
    "activity.expert review": {"en": "expert review", "zh": "专家评审"},
    "activity.hearing": {"en": "hearing", "zh": "听证"},
    "activity.with the higher level": {"en": "with the higher level", "zh": "上级审批"},
    "activity.wait for the courier": {"en": "wait for the courier", "zh": "待移交"},
    "activity.courier": {"en": "courier", "zh": "移交"},
    "activity.lie in the inbox": {"en": "lie in the inbox", "zh": "待办搁置"},
    "activity.section #": {"en": "section {number}", "zh": "第{number}股室审办"},
    "activity.signature #": {"en": "signature {number}", "zh": "第{number}签批"},
    "activity.signature # in person": {
        "en": "signature {number} in person",
        "zh": "当面第{number}签批",
    },
    "activity.leader # in?": {"en": "is leader {number} in?", "zh": "第{number}位领导在否？"},
    "activity.come again for the leader": {
        "en": "come again for the leader",
        "zh": "为领导签字再来",
    },
    "activity.fetch the file": {"en": "fetch the file", "zh": "取回文件"},
    "activity.silence counts as agreeing": {"en": "silence counts as agreeing", "zh": "超时默许"},
    "activity.assisting units at the same time": {
        "en": "assisting units at the same time",
        "zh": "协办单位并联办理",
    },
    "activity.hand in the opinions": {"en": "hand in the opinions", "zh": "交回意见"},
    "activity.bring the opinions together": {"en": "bring the opinions together", "zh": "汇总意见"},
    "activity.print and seal": {"en": "print and seal the certificate", "zh": "制证盖章"},
    "activity.wait for the applicant to come": {
        "en": "wait for the applicant to come",
        "zh": "待取件",
    },
    "activity.by post?": {"en": "by post?", "zh": "是否邮寄？"},
    "activity.post": {"en": "post", "zh": "邮寄"},
    "activity.collect": {"en": "collect", "zh": "取件"},
    "activity.payment #": {"en": "payment {number}", "zh": "第{number}次缴费"},
    "activity.answer a status enquiry": {"en": "answer a status enquiry", "zh": "答复咨询"},
    # Charts
    "chart.days.title": {
        "en": "Where the days go: {base} working days per case, from first contact to document in hand",
        "zh": "时间去哪儿了：从首次办事到取得证件，每件 {base} 个工作日",
    },
    "chart.days.title_compared": {
        "en": "Where the days go: {base} working days per case, {best} with “{name}”",
        "zh": "时间去哪儿了：每件 {base} 个工作日，“{name}”后 {best} 个工作日",
    },
    "chart.days.axis": {"en": "Mean working days per case", "zh": "每件平均工作日数（个）"},
    "chart.elapsed.title": {
        "en": "How long cases take: half are done within {median} working days",
        "zh": "办理用时：半数办件在 {median} 个工作日内办成",
    },
    "chart.elapsed.x": {
        "en": "Working days since first contact",
        "zh": "自首次办事起的工作日数（个）",
    },
    "chart.elapsed.y": {"en": "Cases done (%)", "zh": "已办成的办件（%）"},
    "chart.backlog.title": {
        "en": "Cases open in the hall: {open} at the census",
        "zh": "中心在办件：统计日 {open} 件",
    },
    "chart.backlog.y": {"en": "Open cases", "zh": "在办件（件）"},
    "chart.backlog.x": {"en": "Date (year–month)", "zh": "日期"},
    "chart.backlog.report": {"en": "Report: {open}", "zh": "报告：{open} 件"},
    "chart.hour.title": {
        "en": "In the hall through the day: {wait} minutes of waiting on average",
        "zh": "一天中的大厅：平均等候 {wait} 分钟",
    },
    "chart.hour.wait": {"en": "Wait by hour of the ticket", "zh": "按取号时刻的平均等候"},
    "chart.hour.wait_axis": {"en": "Mean wait (minutes)", "zh": "平均等候（分钟）"},
    "chart.hour.people": {"en": "People in the hall", "zh": "在厅人数"},
    "chart.hour.people_axis": {"en": "Mean number of people", "zh": "平均人数（人）"},
    "chart.hour.x": {"en": "Hour of the day", "zh": "时刻（时）"},
    "chart.use.title": {
        "en": "How busy people are: windows {windows}, offices {offices} of their time",
        "zh": "人员忙闲：窗口利用率 {windows}，科室利用率 {offices}",
    },
    "chart.use.windows": {"en": "Windows in the hall", "zh": "中心窗口"},
    "chart.use.offices": {"en": "Sections of the home departments", "zh": "原单位股室"},
    "chart.use.axis": {"en": "Utilisation (%)", "zh": "利用率（%）"},
    "chart.use.pool": {"en": "Comprehensive windows", "zh": "综合窗口"},
    "chart.use.note": {
        "en": "the {number} busiest departments of each kind; offices: of the share of the day they have for these cases",
        "zh": "各列最忙的 {number} 个单位；科室按其可用于办件的时间计",
    },
    "chart.visits.title": {
        "en": "Trips to an office: {visits} per case; {share} % of cases need just one",
        "zh": "跑动次数：每件 {visits} 次，{share}% 的办件只跑一次",
    },
    "chart.visits.x": {
        "en": "Visits to any public office per case",
        "zh": "每件到公共机构的次数（次）",
    },
    "chart.visits.y": {"en": "Cases (%)", "zh": "办件比例（%）"},
    "chart.differences.title": {
        "en": "What changes against “{base}”: {better} of {all} comparisons are better",
        "zh": "与“{base}”相比的变化：{all} 项比较中 {better} 项改善",
    },
    "chart.differences.note": {
        "en": "Mean differences of {n} paired replications with simultaneous 95 % intervals.  ● better  ✖ worse  ▲▼ higher, lower  ◆ not distinguishable",
        "zh": "{n} 次配对模拟的平均差及同时 95% 置信区间。● 改善　✖ 变差　▲▼ 升、降　◆ 无法分辨",
    },
    "chart.note.replications": {"en": "Means of {n} simulated histories", "zh": "{n} 次模拟的均值"},
    "chart.note.everyone": {
        "en": "everyone's cases, in the hall or not, each followed for the follow-up",
        "zh": "全部办件（无论是否在中心办理），各跟踪至随访期满",
    },
    "chart.note.hall_book": {"en": "cases received by the hall", "zh": "中心接件"},
    "chart.note.band_mean": {
        "en": "bands: 95 % interval of the mean",
        "zh": "阴影：均值的 95% 区间",
    },
    "chart.note.band_single": {
        "en": "bands: 80 % of single histories",
        "zh": "阴影：80% 的单次模拟",
    },
    "chart.note.marks": {"en": "marks: half and nine in ten", "zh": "标记：半数与九成"},
    "chart.note.half_hours": {
        "en": "by half-hours in which the hall is open",
        "zh": "按开放时段的半小时统计",
    },
    "chart.note.title": {"en": "title: {base}", "zh": "标题数字：{base}"},
    "chart.note.join": {"en": "; ", "zh": "；"},
}


def say(key: str, lang: Language, **values: object) -> str:
    """Return a text in a language, with its values filled in.

    Raises
    ------
    KeyError
        If there is no such text.
    """
    return WORDS[key][lang].format(**values)
