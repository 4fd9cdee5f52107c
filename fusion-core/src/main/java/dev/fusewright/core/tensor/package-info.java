/**
 * Lazy, immutable tensors: what a parameter is, apart from where its bytes lie.
 *
 * <p>A {@link dev.fusewright.core.tensor.Tensor} is a small heap array, a region behind a {@link
 * dev.fusewright.core.tensor.TensorSource}, or an expression over another tensor. Whatever it is,
 * its bytes are read in chunks, so that nothing here ever needs memory proportional to a model.
 * Elements are little-endian and packed, in row-major order, as in ONNX's {@code raw_data}.
 *
 * <p>Must never appear here: files, formats, graphs.
 */
@NullMarked
package dev.fusewright.core.tensor;

import org.jspecify.annotations.NullMarked;
