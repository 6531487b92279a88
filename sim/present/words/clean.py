"""Texts of `hall clean`."""

# fmt: off
WORDS = {
    "clean.title": {"en": "What commands left on disk", "zh": "命令留在磁盘上的内容"},
    "clean.kind": {"en": "Kind", "zh": "类别"},
    "clean.number": {"en": "Number", "zh": "数量"},
    "clean.size": {"en": "Size", "zh": "大小"},
    "clean.oldest": {"en": "Oldest", "zh": "最旧"},
    "clean.old": {"en": "To go", "zh": "可清理"},
    "clean.days": {"en": "{days} d", "zh": "{days} 天"},
    "clean.cells": {"en": "cells: finished replications", "zh": "cells：已完成的模拟单元"},
    "clean.drafts": {"en": "drafts of killed commands", "zh": "drafts：被强行终止的命令留下的草稿"},
    "clean.results": {"en": "results (only if named)", "zh": "results：结果（须指明才清理）"},
    "clean.ensembles": {"en": "ensembles: variants and fits (only if named)", "zh": "ensembles：变体及其校准（须指明才清理）"},
    "clean.code": {"en": "code: machine code, by version", "zh": "code：各版本的机器码"},
    "clean.nothing": {"en": "Nothing is older than {age}; nothing was taken away.", "zh": "没有超过 {age} 的内容，未清理任何内容。"},
    "clean.would": {"en": "{many} things older than {age} would be taken away, {size}.", "zh": "将清理超过 {age} 的 {many} 项，共 {size}。"},
    "clean.done": {"en": "{many} things older than {age} were taken away, {size}.", "zh": "已清理超过 {age} 的 {many} 项，共 {size}。"},
}
# fmt: on
