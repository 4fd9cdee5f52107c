/**
 * ONNX files, read and written in memory proportional to a model's structure, never to its weights.
 *
 * <p>Must never appear here: fusion rules, storage, native code, a whole model parsed with the
 * generated classes.
 */
@NullMarked
package dev.fusewright.io.onnx;

import org.jspecify.annotations.NullMarked;
