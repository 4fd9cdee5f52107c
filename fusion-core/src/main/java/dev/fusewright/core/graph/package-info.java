/**
 * What a model is: an immutable, format-neutral graph of operators in ONNX's terms.
 *
 * <p>A {@link dev.fusewright.core.graph.ModelGraph} holds the main {@link
 * dev.fusewright.core.graph.Graph}, the model-local {@link dev.fusewright.core.graph.Function}s and
 * the opsets. Bodies of If, Loop and Scan are graphs inside attributes. Nothing here is ever
 * mutated: an edit yields a new graph that shares every untouched part <em>by identity</em>, and
 * writers rely on that: what is the same instance is copied byte for byte.
 *
 * <p>Must never appear here: files, formats, rules, mutable state.
 */
@NullMarked
package dev.fusewright.core.graph;

import org.jspecify.annotations.NullMarked;
