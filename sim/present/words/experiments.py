"""Texts that all experiments share."""

# fmt: off
WORDS: dict[str, dict[str, str]] = {
    "experiment.stopped": {"en": "Stopped: {finished} of {asked} cells are finished and kept in {folder}; the same command goes on from there.", "zh": "已中止：{asked} 个单元中 {finished} 个已完成并保存在 {folder}；重新运行同一命令即可继续。"},
    "experiment.share": {"en": "This share is worked out. Of {asked} tasks {missing} are others' and not yet in {folder}; once all are, the same command without --shard gathers them.", "zh": "本份已全部完成。{asked} 项任务中，{folder} 尚缺其他份的 {missing} 项；全部完成后，去掉 --shard 运行同一命令即可汇总。"},
    "experiment.kept": {"en": "Cells are kept in {folder}.", "zh": "单元结果保存在 {folder}。"},
}
# fmt: on
