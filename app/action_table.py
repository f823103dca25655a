"""The table of all actions, and where they stand in the menus and the tool bar."""

from __future__ import annotations

from operator import attrgetter

from app.actions import Action, Test
from app.measure_actions import MEASURE, MEASURE_MENU, UNITS
from tracker.annotation.document import MergeMode
from tracker.tracking.pattern_correction import Correction

in_clip: Test = attrgetter("has_clip")
on_track: Test = attrgetter("has_track")
with_anchors: Test = attrgetter("has_anchors")
can_undo: Test = attrgetter("undo")
can_redo: Test = attrgetter("redo")
can_track: Test = attrgetter("can_track")
can_cut: Test = attrgetter("can_cut")
with_others: Test = attrgetter("can_pair")
with_queue: Test = attrgetter("has_queue")
with_counts: Test = attrgetter("has_counts")
with_range: Test = attrgetter("has_range")
on_range: Test = attrgetter("can_use_range")


def is_set(name: str, value: object) -> Test:
    """Whether the attribute `name` of the situation is `value`."""
    return lambda situation: bool(getattr(situation, name) == value)


# One row, one action.
# fmt: off
FILE = (
    Action("file.open", "Open…", "commands.open", ("Ctrl+O",), "open", "Open a video, an image or a project"),
    Action("file.open_folder", "Open image folder…", "commands.open_folder", ("Ctrl+Shift+O",),
           tip="Open a folder of images as a clip"),
    Action("file.open_sample", "Open the sample clip", "commands.open_sample", icon="sample"),
    Action("file.save", "Save", "commands.save", ("Ctrl+S",), "save",
           "Everything is saved at once; this says where", when=in_clip),
    Action("file.save_copy", "Save a copy…", "commands.save_copy", ("Ctrl+Shift+S",), when=in_clip),
    Action("file.import", "Import annotation…", "commands.import_data", ("Ctrl+I",),
           tip="Make a project of the labels of a data set"),
    Action("file.export", "Save as training data…", "commands.export", ("Ctrl+E",), "export",
           "Write frames and boxes as a data set", when=attrgetter("can_export")),
    Action("file.save_counts", "Save counts…", "clip_files.save_counts",
           tip="Write the clip as the sensor gave it, without loss: FFV1 video or TIFF", when=in_clip),
    Action("file.save_clip", "Save annotated clip…", "outputs.save_clip", ("Ctrl+Shift+E",),
           tip="Write an MP4 as the frames are painted, with boxes, temperatures and time", when=in_clip),
    Action("file.save_still", "Save still…", "outputs.save_still", ("Ctrl+Shift+P",),
           tip="Write the shown frame as a picture, or its counts", when=in_clip),
    Action("file.copy_still", "Copy still", "outputs.copy_still", ("Ctrl+Shift+C",),
           tip="Put the shown frame on the clipboard, as it is annotated", when=in_clip),
    Action("file.report", "Report…", "outputs.report", ("Ctrl+P",),
           tip="Write what is known about tracks as HTML or PDF", when=attrgetter("has_tracks")),
    Action("file.close", "Close clip", "session.close", ("Ctrl+W",), "close", when=in_clip),
    Action("file.quit", "Quit", "close", ("Ctrl+Q",)),
)

EDIT = (
    Action("edit.undo", "Undo", "session.undo", ("Ctrl+Z",), "undo", when=can_undo,
           detail=attrgetter("undo")),
    Action("edit.redo", "Redo", "session.redo", ("Ctrl+Shift+Z", "Ctrl+Y"), "redo", when=can_redo,
           detail=attrgetter("redo")),
    Action("edit.absent", "Mark absent here", "commands.mark_absent", ("Del",), "absent",
           "The target is not in this frame", when=on_track),
    Action("edit.clear_frame", "Clear this frame", "commands.clear_frame", ("Backspace",),
           tip="Take back what the track says here", when=on_track),
    Action("edit.clear_rest", "Clear from here on", "commands.clear_rest", ("Ctrl+Del",),
           tip="Take back this and all later frames", when=on_track),
    Action("edit.delete_track", "Delete track", "commands.delete_track", ("Shift+Del",), "delete",
           when=on_track),
)

# With Alt, the key of one frame's action is that of the same over the range.
RANGE = (
    Action("range.begin", "Begin range here", "ranges.begin_here", ("Ctrl+[",),
           tip="Select the frames from here on; with the mouse: drag on the timeline with Shift", when=in_clip),
    Action("range.end", "End range here", "ranges.end_here", ("Ctrl+]",), tip="Select the frames up to here",
           when=in_clip),
    Action("range.drop", "Drop the range", "ranges.drop", ("Ctrl+D",), tip="Select no frames", when=with_range),
    Action("range.zoom", "Zoom to the range", "ranges.zoom", ("Z",), tip="Show it across the timeline",
           when=with_range),
    Action("range.play", "Play the range", "ranges.play", ("L",), tip="Again and again", when=with_range),
    Action("range.accept", "Accept the range", "ranges.accept", ("Alt+A",),
           tip="The selected track's boxes there are right", when=on_range),
    Action("range.clear", "Clear the range", "ranges.clear", ("Alt+Backspace",),
           tip="Take back what the track says there", when=on_range),
    Action("range.interpolate", "Interpolate in the range", "ranges.interpolate", ("Alt+I",),
           tip="Fill gaps between boxes drawn by hand, there alone", when=on_range),
    Action("range.absent", "Absent over the range", "ranges.mark", ("Alt+Del",), args=("ABSENT",), when=on_range),
    Action("range.out_of_view", "Out of view over the range", "ranges.mark", ("Alt+O",), args=("OUT_OF_VIEW",),
           when=on_range),
    Action("range.occluded", "Occluded over the range", "ranges.mark", ("Alt+Q",), args=("OCCLUDED",),
           when=on_range),
)

GO = (
    Action("go.play", "Play", "commands.toggle_play", ("Space",), "play", "Play or pause", when=in_clip,
           checked=attrgetter("is_playing"), icon_on="pause"),
    Action("go.next", "Next frame", "commands.step", ("Right", "F"), "next", args=(1,), when=in_clip),
    Action("go.previous", "Previous frame", "commands.step", ("Left", "D"), "previous", args=(-1,),
           when=in_clip),
    Action("go.forward", "10 frames forward", "commands.step", ("PgDown", "Ctrl+Right"), args=(10,),
           when=in_clip),
    Action("go.back", "10 frames back", "commands.step", ("PgUp", "Ctrl+Left"), args=(-10,), when=in_clip),
    Action("go.first", "First frame", "commands.go_first", ("Home",), "first", when=in_clip),
    Action("go.last", "Last frame", "commands.go_last", ("End",), "last", when=in_clip),
    Action("go.next_anchor", "Next anchor", "commands.go_anchor", ("]",), "next_anchor",
           "Next frame decided by hand", (1,), with_anchors),
    Action("go.previous_anchor", "Previous anchor", "commands.go_anchor", ("[",), "previous_anchor",
           "Previous frame decided by hand", (-1,), with_anchors),
    Action("go.next_event", "Next sensor event", "panels.sensor_events.go", ("Ctrl+J",),
           tip="Frozen frames, a closed shutter, a calibration, a jump of gain or offset", args=(1,), when=in_clip),
    Action("go.previous_event", "Previous sensor event", "panels.sensor_events.go", ("Ctrl+Shift+J",), args=(-1,),
           when=in_clip),
)

TRACK = (
    Action("track.draw", "New track", "commands.draw", ("N", "R"), "draw", "Draw a box around a new target",
           when=in_clip, checked=attrgetter("is_drawing")),
    Action("track.draw_here", "Draw box of this track", "commands.draw_here", ("Shift+N",),
           tip="Draw the selected track's box on this frame", when=on_track),
    Action("track.forward", "Track forward", "session.runs.start", ("T",), "track_forward",
           "Follow the target from its box here", (1,), can_track),
    Action("track.backward", "Track backward", "session.runs.start", ("B",), "track_backward",
           "Follow the target back in time from its box here", (-1,), can_track),
    Action("track.through", "Track to the end", "session.runs.start", ("Shift+T",),
           tip="Follow the target to the end of the clip, starting afresh at each anchor", args=(1, True),
           when=can_track),
    Action("track.all_forward", "Track all targets here", "session.runs.start_all", ("Ctrl+Shift+T",), "track_forward",
           "Follow all targets with a box here in one pass: those chosen in the list where that are several, but not "
           "hidden or locked ones", (1,), can_track),
    Action("track.all_backward", "Track all targets here backward", "session.runs.start_all", ("Ctrl+Shift+B",),
           "track_backward", "The same back in time", (-1,), can_track),
    Action("track.between", "Track between anchors", "session.runs.audit", ("G",), "between",
           "Fill the gaps between anchors from both sides, and compare", when=with_anchors),
    Action("track.stop", "Stop", "commands.escape", ("Esc",), "stop", "Stop what is going on; drop the range",
           when=attrgetter("can_stop")),
    Action("track.follow", "Follow the run", "commands.toggle_follow", (), "visible",
           "Show the frame that is being tracked", checked=attrgetter("follow")),
    Action("track.anchor", "Anchor", "commands.toggle_anchor", ("K",), "anchor",
           "Make this box an anchor; take an anchor back", when=on_track),
    Action("track.interpolate", "Interpolate", "commands.interpolate", ("I",), "interpolate",
           "Fill gaps between boxes drawn by hand", when=with_anchors),
    Action("track.out_of_view", "Out of view here", "commands.toggle_out_of_view", ("O",), "out_of_view",
           when=on_track),
    Action("track.occluded", "Occluded here", "commands.toggle_occluded", ("Q",), "occluded", when=on_track),
    Action("track.split", "Split track here", "commands.split", ("S",),
           tip="From this frame on, a new track", when=can_cut),
    Action("track.join", "Join with another track…", "commands.join", ("M",),
           tip="The other track fills what this one leaves open", when=with_others),
    Action("track.swap", "Swap with another track from here…", "commands.swap", ("Ctrl+T",),
           tip="From this frame on, the two exchange what is said", when=with_others),
    Action("track.lock", "Lock track", "commands.toggle_lock", ("Ctrl+L",), "lock",
           "Keep the track as it is", when=on_track, checked=attrgetter("is_locked")),
    Action("track.hide", "Hide track", "commands.toggle_hidden", ("H",), "occluded",
           "Leave the track out of the picture", when=on_track, checked=attrgetter("is_hidden")),
    Action("track.accept", "Accept interrupted run", "session.runs.accept_pending", icon="accept",
           when=attrgetter("has_pending")),
    Action("track.discard", "Discard interrupted run", "session.runs.discard_pending",
           when=attrgetter("has_pending")),
)

REVIEW = (
    Action("review.next", "Next doubtful frame", "review.go", ("E",), "doubtful",
           "The frame most likely wrong, then the next one", (1,), with_queue),
    Action("review.previous", "Previous doubtful frame", "review.go", ("Shift+E",), args=(-1,), when=with_queue),
    Action("review.accept", "Accept stretch", "review.accept_stretch", ("A",), "accept",
           "These boxes are right: this frame and the doubtful ones around it", when=on_track),
    Action("review.accept_frame", "Accept this frame", "review.accept_frame", ("Ctrl+A",), when=on_track),
    Action("review.accept_up_to", "Accept up to here", "review.accept_up_to", ("Shift+A",),
           tip="All boxes up to here are right", when=on_track),
    Action("review.take_back", "Take acceptance back", "review.take_back", when=on_track),
    Action("replay.show", "Replay (A/B)", "panels.show_replay", ("Ctrl+B",), "between",
           "Let two models, or two settings, follow the same boxes", when=in_clip),
    Action("evaluation.show", "Evaluation", "panels.show_evaluation", ("Ctrl+K",),
           tip="Compare trackers on a benchmark, and look at the frames behind the numbers"),
    Action("replay.next", "Next parting of A and B", "panels.replayer.go", ("X",), args=(1,), when=in_clip),
    Action("replay.previous", "Previous parting of A and B", "panels.replayer.go", ("Shift+X",), args=(-1,),
           when=in_clip),
    Action("review.forget", "Forget what reviews have taught…", "commands.forget_lessons",
           tip="Judge boxes again as Thermark does out of the box", when=attrgetter("has_lessons")),
)

VIEW = (
    Action("view.fit", "Fit frame", "canvas.fit", ("Ctrl+0",), "fit", when=in_clip),
    Action("view.actual_size", "Actual size", "canvas.actual_size", ("Ctrl+1",), "actual_size", when=in_clip),
    Action("view.zoom_in", "Zoom in", "canvas.zoom_by", ("Ctrl++", "Ctrl+="), "zoom_in", args=(1.25,),
           when=in_clip),
    Action("view.zoom_out", "Zoom out", "canvas.zoom_by", ("Ctrl+-",), "zoom_out", args=(0.8,), when=in_clip),
    Action("view.overlay", "Next map over the frame", "panels.cycle_overlay", ("V",), "overlay",
           "None, semantic, structural, fused", when=in_clip),
    Action("view.dead_pixels", "Dead pixels over the frame", "fixed_pattern.toggle",
           tip="Ring the pixels that say nothing of the scene", when=in_clip,
           checked=lambda situation: "dead_pixels" in situation.patterns),
    Action("view.corrected", "Frame as the tracker sees it", "fixed_pattern.toggle_corrected",
           tip="Paint frames without the dead pixels and stripes that are corrected for the tracker; counts stay",
           when=in_clip, checked=lambda situation: "corrected" in situation.patterns),
    Action("timeline.sensor_events", "Timeline: sensor events", "panels.sensor_events.toggle",
           tip="Mark what happened to the sensor", when=in_clip, checked=attrgetter("sensor_events")),
    Action("timeline.zoom_in", "Timeline: zoom in", "panels.timeline.zoom_by", ("+", "="), args=(1.5,),
           when=in_clip),
    Action("timeline.zoom_out", "Timeline: zoom out", "panels.timeline.zoom_by", ("-",), args=(1 / 1.5,),
           when=in_clip),
    Action("timeline.whole", "Timeline: whole clip", "panels.timeline.show_whole_clip", ("Shift+Z",),
           when=in_clip),
    Action("timeline.frames", "Timeline: single frames", "panels.timeline.show_single_frames", ("Ctrl+Alt+Z",),
           when=in_clip),
)

THERMAL = (
    Action("thermal.next_palette", "Next palette", "thermal.step_palette", ("P",), "colour",
           "The next palette over the counts; trackers never see one", (1,), with_counts),
    Action("thermal.previous_palette", "Previous palette", "thermal.step_palette", ("Shift+P",), args=(-1,),
           when=with_counts),
    Action("thermal.invert", "Turn the palette round", "thermal.invert", ("U",), tip="White hot, black hot",
           when=with_counts),
    Action("thermal.open_palette", "Palette from a file…", "commands.open_palette", when=with_counts),
    Action("thermal.next_agc", "Next gain control", "thermal.step_agc", ("Shift+C",),
           tip="Linear, equalised, local contrast, detail", when=with_counts),
    Action("thermal.lock", "Lock level and span", "thermal.toggle_lock", ("Shift+L",), "lock",
           "Keep the span of this frame for all frames", when=with_counts, checked=attrgetter("is_span_locked")),
    Action("thermal.reset", "Reset level and span", "thermal.reset", ("Ctrl+R",),
           tip="Let the span be measured again; with the mouse: drag with the right button on the frame, to the "
           "sides for the span, up and down for the level", when=attrgetter("is_span_locked")),
    Action("thermal.bar", "Colour bar", "thermal.toggle_bar", tip="What the colours mean, beside the frame",
           checked=attrgetter("has_colour_bar")),
)

THEMES = tuple(
    Action(f"theme.{name}", text, "commands.set_theme", args=(name,), checked=is_set("theme", name),
           group="theme")
    for name, text in (("dark", "Dark"), ("light", "Light"), ("system", "As the system"))
)

DEVICES = tuple(
    Action(f"device.{name}", text, "commands.set_device", args=(name,), checked=is_set("device", name),
           group="device")
    for name, text in (("auto", "Automatic"), ("cuda", "NVIDIA GPU"), ("mps", "Apple GPU"), ("cpu", "CPU"))
)

MERGE_MODES = tuple(
    Action(f"merge.{mode.name.lower()}", mode.label, "commands.set_merge_mode", args=(mode.name,),
           checked=is_set("merge_mode", mode.name), group="merge")
    for mode in MergeMode
)

WHEN_LOST = (
    Action("lost.wait", "Wait until it comes back", "commands.set_lost_for", args=(0,),
           tip="A run goes on while its target is lost, and looks for it", checked=is_set("lost_for", 0),
           group="lost"),
    *(
        Action(f"lost.stop_{frames}", f"Stop after {frames} frames", "commands.set_lost_for", args=(frames,),
               tip="The run stops, and the first frame without its target is shown",
               checked=is_set("lost_for", frames), group="lost")
        for frames in (10, 25, 100)
    ),
)

CORRECTIONS = tuple(
    Action(f"correction.{each.name.lower()}", each.value, "fixed_pattern.set_correction", args=(each.name,),
           tip="What the tracker sees, from the next run on", when=in_clip,
           checked=is_set("correction", each.name), group="correction")
    for each in Correction
)

MODELS = (
    Action("model.default", "Default", "commands.set_model", args=("default",),
           checked=is_set("model", "default"), group="model"),
    Action("model.mlssnet", "MLSSNet, as published", "commands.set_model", args=("mlssnet",),
           checked=is_set("model", "mlssnet"), group="model"),
    Action("model.weights", "Weights file…", "commands.choose_model",
           checked=lambda situation: situation.model.endswith(".safetensors"), group="model"),
)

HELP = (
    Action("help.shortcuts", "Shortcuts", "commands.show_shortcuts", ("F1",), "help"),
    Action("help.guide", "First steps", "guide.toggle", ("Shift+F1",), tip="A guide through the whole loop",
           checked=attrgetter("is_guided")),
    Action("help.about", "About Thermark", "commands.show_about"),
)
# fmt: on

SECTIONS: dict[str, tuple[Action, ...]] = {
    "File": FILE,
    "Edit": EDIT,
    "Selected range": RANGE,
    "Go": GO,
    "Track": TRACK,
    "Review": REVIEW,
    "View": VIEW,
    "Palette and gain": THERMAL,
    "Measure": MEASURE,
    "Temperature unit": UNITS,
    "Theme": THEMES,
    "Device": DEVICES,
    "Model": MODELS,
    "What the tracker sees": CORRECTIONS,
    "When a run ends": MERGE_MODES,
    "When the target is lost": WHEN_LOST,
    "Help": HELP,
}
"""The table, by what its actions are about."""

ACTIONS: tuple[Action, ...] = tuple(row for rows in SECTIONS.values() for row in rows)

SEPARATOR = "-"

MENUS: dict[str, tuple[str, ...]] = {
    "&File": (
        "file.open", "file.open_folder", ">Open recent", "file.open_sample", SEPARATOR,
        "file.save", "file.save_copy", SEPARATOR, "file.import", "file.export", "file.save_counts", SEPARATOR,
        "file.save_clip", "file.save_still", "file.copy_still", "file.report", SEPARATOR,
        "file.close", "file.quit",
    ),
    "&Edit": (
        "edit.undo", "edit.redo", SEPARATOR,
        "edit.absent", "edit.clear_frame", "edit.clear_rest", "edit.delete_track", SEPARATOR,
        ">Selected range",
    ),
    "&Go": (
        "go.play", SEPARATOR,
        "go.next", "go.previous", "go.forward", "go.back", "go.first", "go.last", SEPARATOR,
        "go.next_anchor", "go.previous_anchor", SEPARATOR,
        "go.next_event", "go.previous_event",
    ),
    "&Track": (
        "track.draw", "track.draw_here", SEPARATOR,
        "track.forward", "track.backward", "track.through", "track.between", SEPARATOR,
        "track.all_forward", "track.all_backward", SEPARATOR,
        "track.stop", "track.follow", ">When the target is lost", ">When a run ends", SEPARATOR,
        "track.anchor", "track.interpolate", "track.occluded", "track.out_of_view", SEPARATOR,
        "track.split", "track.join", "track.swap", "track.lock", "track.hide", SEPARATOR,
        "track.accept", "track.discard", SEPARATOR,
        ">Model", ">Device", ">What the tracker sees",
    ),
    "&Review": (
        "review.next", "review.previous", SEPARATOR,
        "review.accept", "review.accept_frame", "review.accept_up_to", "review.take_back",
        SEPARATOR, "replay.show", "replay.next", "replay.previous", "evaluation.show",
        SEPARATOR, "review.forget",
    ),
    "&Measure": MEASURE_MENU,
    "&View": (
        "view.fit", "view.actual_size", "view.zoom_in", "view.zoom_out", SEPARATOR,
        "view.overlay", "view.dead_pixels", "view.corrected", ">Palette and gain", ">Temperature unit", SEPARATOR,
        "timeline.zoom_in", "timeline.zoom_out", "timeline.whole", "timeline.frames",
        "timeline.sensor_events", SEPARATOR,
        ">Theme", ">Panels",
    ),
    "&Help": ("help.guide", "help.shortcuts", "help.about"),
}  # fmt: skip
"""Menu title -> action ids; ">Name" is a submenu: a section of the table, or filled by the window."""

TOOLBAR: tuple[str, ...] = (
    "file.open", "edit.undo", "edit.redo", SEPARATOR,
    "go.first", "go.previous", "go.play", "go.next", "go.last", SEPARATOR,
    "track.draw", "go.previous_anchor", "track.anchor", "go.next_anchor", SEPARATOR,
    "track.backward", "track.stop", "track.forward", "track.between", "track.follow", ">merge", SEPARATOR,
    "review.next", "review.accept", SEPARATOR,
    "view.fit", "view.overlay", SEPARATOR,
    "file.export",
)  # fmt: skip
"""Action ids in the tool bar; ">merge" is the choice of how a run is merged."""

LABELLED: dict[str, str] = {
    "track.draw": "Draw",
    "track.backward": "Back",
    "track.forward": "Track",
    "file.export": "Export",
}
"""The steps of the main job, which have their name beside their icon in the tool bar."""
