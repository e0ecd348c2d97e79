"""Every English sentence about a design, by code: the one source for Python and, through `npm run generate`, for the phone.

A placeholder is `{name}` or `{name:format}`; `messages.py` lists the formats. An entry with several sentences names a case for
each; the problem's parameters say which by `case`. A translation is a second table with the same keys.
"""

Entry = str | dict[str, str]

PROBLEMS: dict[str, Entry] = {
    # the document itself
    "malformed": {
        "not_json": "not a design: {reason}",
        "not_an_object": "a design is a JSON object, not {value}",
        "no_design_id": "the design has no id",
        "meta": "the design's meta must be an object of defaults, not {value}",
        "components": "the design's components must be a list of at most {most}, not {value}",
        "component": "a component must be an object, not {value}",
        "no_id": "{component} has no id",
        "id": "the id of {component} must be {form}, not {value}",
        "no_type": "{of}has no type, the name of its block",
        "form": "{of}{property} must be {form}, not {value}",
        "edges": "the design's edges must be a list of at most {most}, not {value}",
        "edge": "an edge must be a list of two ids, from and to, not {value}",
        "end": "there is no component {component}{hint}",
        "no_end": "there is no component without an id",
    },
    "wrong_form": "{of}{property} must be {form}, not {value}",
    "unknown_field": "{of}has no field '{name}'{hint}",
    "duplicate_id": "components {first} and {second} of the list have the same id, {component}",
    "dangling_edge": "there is no component {component}{hint}",
    "duplicate_edge": "the edge from {source} to {target} is listed twice",
    "lost_inside": {
        "missing": "is inside {container}, which does not exist",
        "too_deep": "is inside itself, or more than {most} containers deep",
    },
    "unknown_version": "the design's schema_version {received} is newer than this app knows ({known}); update the app",
    # properties
    "unknown_block": {
        "unknown": "there is no block '{name}'{hint}",
        "no_type": "has no type: it says which block it is",
        "depends_on_batch": (
            "is a batch norm, which is left out: its answer for one board would depend on the other boards of the batch;"
            " {offered} depends on the board alone"
        ),
    },
    "unknown_property": {
        "unknown": "has no property '{name}'{hint}",
        "more": "has {count} more {count:plural:property:properties} that it should not have",
    },
    "wrong_type": {
        "property": "{field} must be {expected}, not {value}",
        "schema_version": "the design's schema_version must be a whole number from 1",
    },
    "out_of_range": "{of}{field} must be {expected}, not {value}",
    "not_a_multiple": "{of}{field} must be {expected}, not {value}",
    "not_a_choice": "{field} must be {expected}, not {value}",
    "heads_do_not_divide": "{field} must divide d_model: {received} does not divide {d_model}",
    "groups_of_heads": "{field} must divide n_heads: {received} does not divide {n_heads}",
    "odd_rotary_heads": "rotary turns pairs of numbers, but each head sees {numbers}, an odd number",
    "groups_do_not_divide": "{field} must divide the channels: {received} does not divide both {inputs} and {outputs}",
    "stride_needs_valid": "padding same allows only stride 1",
    "too_few_experts": "{field} must be at most n_experts: {received} is more than {n_experts}",
    "experts_differ": "has {received} {received:plural:expert:experts}, but {source} chooses from {expected}",
    # shapes
    "shape_mismatch": {
        "input": "takes {expected}, got {received} from {source}",
        "width": "{field} is {d_model}, but {source} gives {received}",
        "shapes": "its inputs must have equal shapes: {first} gives {expected}, but {source} gives {received}",
        "cells": "its inputs must have the same cells: {first} gives {expected}, but {source} gives {received}",
        "widths": "its inputs must have the same width: {first} gives {expected}, but {source} gives {received}",
        "kernel": "its kernel is larger than the {received} cells that arrive",
        "repeat": "must give back what it takes: it takes {expected} and gives {received}",
        "copies": "runs {definition}, which takes {expected} elsewhere but gets {received} here",
    },
    "many_values": "without a linear map it passes one number on, but {count} arrive",
    "hidden_without_linear": "hidden layers need the last linear map",
    "repeated_cell": "one of its patterns has a cell twice",
    "no_class_token": "pools the class token, but no class token arrives; the embedding can add one",
    "nothing_to_recompute": "has nothing to recompute: {source} has no module of its own",
    # edges
    "no_input": "the design needs at least one {block}",
    "no_output": "the design needs at least one {block}",
    "unreachable": "has no input, so no board reaches it",
    "too_few_inputs": "needs at least {least} inputs, got {received}",
    "too_many_inputs": {
        "none": "takes no input, got {received}",
        "some": "takes at most {most} {most:plural:input:inputs}, got {received}",
    },
    "nothing_leaves": "takes its input from {source}, which has no output",
    "dead_end": "is not connected to an output",
    "cycle": "is part of a cycle: {path:path}",
    # containers
    "crosses_border": "takes its input from {source}, which is in another container",
    "not_a_container": "is inside {container}, which cannot contain blocks",
    "not_inside": "belongs outside of containers",
    "empty": "is empty: open it and add a block",
    "no_exit": "has no output: no block inside it has one",
    "many_exits": "exactly one block inside must come last, but {names:few} do",
    "no_definition": {
        "itself": "is linked to itself",
        "missing": "is linked to {target}, which does not exist",
        "other_block": "is linked to {target}, which is another kind of block",
        "linked": "is linked to {target}, which is itself linked",
    },
    "out_of_reach": "can share weights only with a block in the same container: {target} is in another",
    "two_bodies": "is linked to {target}, so its own content is not used",
    "recursion": "runs {target}, which contains it",
    "too_deep": {
        "links": "is nested more than {most} containers deep, counting links",
        "levels": "containers run {received} levels deep within each other; at most {most} levels are allowed",
    },
    # limits
    "too_large": "the network has {count:grouped} parameters; at most {most:grouped} can be trained here",
    "too_many_calls": "one board would run {count:grouped} blocks; at most {most:grouped} can be trained here",
    "too_heavy": "one board takes {count:grouped} multiply-adds; at most {most:grouped} can be trained here",
    "too_much_memory": "training keeps {megabytes:grouped} MB for each board; at most {most:grouped} MB can be kept",
    # what is allowed but seldom wanted
    "no_effect": {
        "weightless_loss": "has no effect with coef 0: its loss counts for nothing",
        "one_point": "{field} has no effect with kernel_size 1x1, which has a single point",
        "points_outside": "{field} has no effect where all points of the kernel but one lie outside of the cells that arrive",
        "no_padding": "{field} has no effect with kernel_size 1x1 and stride 1, which needs no padding",
        "fits_once": "{field} has no effect where the kernel fits only once",
        "stride_as_left_out": "{field} has no effect here: without it, the windows are the same",
        "no_hidden_layers": "{field} has no effect without hidden_sizes: it follows each hidden layer",
        "not_learned": "{field} has no effect without encoding learned",
        "not_one_hot": "{field} has no effect without encoding one_hot",
        "not_scaled": "{field} has no effect without encoding scaled",
        "no_rotary": "{field} has no effect without rotary",
        "no_linear": "{field} has no effect without a linear map",
        "nothing_to_pool": "{field} has no effect where one vector arrives: there is nothing to pool",
        "runs_once": "{field} has no effect when it runs once",
        "no_weights_inside": "{field} has no effect when the blocks inside have no weights",
        "single_gate": "{field} has no effect at top_k 1: the gate of a single expert is never normalised",
        "gates_add_up": "{field} has no effect where every expert is active: the gates add up to 1 already",
        "no_norm": "{field} has no effect without a norm",
        "nothing_to_balance": "{field} has no effect where every expert is active: there is nothing to balance",
        "no_scale": "{field} has no effect without elementwise_affine: there is no learned scale for it to go with",
    },
    "norm_of_one": {
        "zero": "normalises single numbers: each becomes 0 whatever arrives",
        "sign": "normalises single numbers: only the sign is left",
    },
    "dropout_is_off": (
        "{field} above 0 has no effect under PPO: it is kept off, so that the ratio of new to old probability starts at 1"
    ),
    "jitter_is_off": "{field} has no effect under PPO, which trains without noise",
    "no_balance": "with reward_coef 0 some experts may never be chosen",
    "blind_pool": "pool {received} hides where the tiles are: it learns several times slower than flatten",
    "large_tables": "its tables take {megabytes:grouped} MB, which is much for a phone that plays",
    "nothing_to_share": "shares weights only when it is linked to another component",
}
"""What is wrong with a design, or could be better"""

EDGE_RULES: dict[str, str] = {
    "edge_end_missing": "That block no longer exists",
    "edge_to_itself": "A block cannot feed itself",
    "edge_between_containers": "These two are not in the same container",
    "edge_exists": "These two are connected already",
    "edge_from_an_end": "This block has no output",
    "edge_into_an_input": "This block takes no input",
    "edge_closes_a_cycle": "This connection would close a cycle",
}
"""Why an edge may not be drawn whatever travels along it; the first that applies is named"""

FIXES: dict[str, str] = {
    "set": "Set {field} to {value:value}",
    "set_of": "Set {field} of {component} to {value:value}",
    "set_default": "Set the design's {field} to {value:value}",
    "link": "Link it to {target}",
    "unlink": "Unlink {component}",
    "remove": "Remove {component}",
    "replace_block": "Use {block} instead",
    "remove_unknown": "Remove component {component}",
    "remove_input": "Remove the edge from {source}",
    "remove_edge": "Remove the edge from {source} to {target}",
    "connect_from": "Connect {source} to it",
    "connect_to": "Connect it to {target}",
    "add": "Add {block}",
    "insert": "Insert {block}",
    "append_linear": "Add a linear map to {width}",
    "insert_linear": "Insert a linear map to {width}",
    "move_after": "Move after {source}",
    "move_before": "Move before {target}",
    "insert_after": "Insert after {source}",
    "insert_before": "Insert before {target}",
}
"""The labels of fixes"""

PARTS: dict[str, str] = {
    # of whom a sentence speaks, where no component is named beside it
    "of_design": "the design's ",
    "of_a_design": "a design ",
    "of_meta": "the design's meta ",
    "of_component": "component {component}: ",
    "listed": "component {position} of the list",
    "listed_block": "component {position} of the list ({block})",
    "nearest": "; did you mean {name}?",
    # values of a document
    "long_list": "a list of {count}",
    "long_object": "an object of {count}",
    "id_form": "a small letter, then up to 63 small letters, digits or underscores",
    "name_form": "text of 1 to 120 characters",
    "component_name_form": "text of 1 to 60 characters that is not blank",
    "whole_number": "a whole number",
    "number": "a number",
    "true_or_false": "true or false",
    "text": "text",
    "component_id": "the id of a component",
    "component_id_or_null": "the id of a component, or null",
    "whole_numbers": "a list of whole numbers",
    "patterns_form": "a list of patterns, each a list of cells",
    "or_null": "{form} or null",
    "block_name": "the name of a block",
    "props_form": "an object of at most 64 properties with names of at most 64 characters",
    "coordinate": "a number from -1,000,000 to 1,000,000",
    # bounds
    "range": "from {low} to {high}",
    "multiple": "a multiple of {step} from {low} to {high}",
    "within_bounds": "within its bounds",
    "one_of": "one of {choices}",
    "patterns_within": "1 to {most} patterns of 1 to {cells} cells, each from {low} to {high}",
    "numbers": "at most {most} numbers, each from {low} to {high}",
    # shapes
    "dims": "{dims:shape}",
    "dims_with_width": "{dims:shape} with d = {d_model}",
    "board": "a board {dims:shape}",
    "routing": "a routing of {n_experts} {n_experts:plural:expert:experts}",
    "shape_with": "{shape} {notes}",
    "no_grid": "without a grid",
    "grid": "on a {rows} × {columns} grid",
    "class_token": "with a class token",
    "no_class_token": "without a class token",
    "for_dims": "for {dims:shape}",
    "active_experts": "with {top_k} taken each time",
    "grid_size": "{rows} × {columns}",
    # what a block takes
    "takes_cells": "one vector for each cell, (B, 16, d)",
    "takes_grid": "cells on a grid of rows and columns, (B, 16, d)",
    "takes_board": "a board (B, 16)",
    "takes_cells_or_vector": "tokens (B, 16, d) or a vector",
    "takes_values": "tokens or a vector",
    "takes_vector": "one vector for the board, (B, d)",
    "takes_any": "a board, tokens or a vector",
    "takes_equal_values": "values of one shape",
    "takes_vectors": "tokens or vectors",
}
"""Parts of sentences, used as parameters of others"""

CHANGES: dict[str, str] = {
    # places in a design
    "design_name": "Name",
    "of_design": "{title} of the design",
    "property": "{title} of {name}",
    "type": "Block of {name}",
    "inside": "Container of {name}",
    "x": "Position of {name}",
    "y": "Position of {name}",
    "props": "Properties of {name}",
    "name": "Name of {name}",
    "inputs": "Inputs of {name}",
    # values there
    "default": "the default",
    "no_name": "no name",
    "on": "on",
    "off": "off",
    "nothing": "nothing",
    "top_level": "the top level",
    "no_component": "removed",
    "a_component": "kept",
    # summaries
    "blocks": "{count} blocks",
    "added": "{what} added",
    "removed": "{what} removed",
    "changed": "{place} changed from {before} to {after}",
    "wires_added": "{count} {count:plural:connection:connections} added",
    "wires_removed": "{count} {count:plural:connection:connections} removed",
    "reordered": "inputs of {what} reordered",
    "moved": "{what} moved on the canvas",
    "more": " and {count} more {count:plural:change:changes}",
    "same": "no change",
}
"""What differs between versions of a design, and places and values in plain words; the phone gets these sentences from Python"""
