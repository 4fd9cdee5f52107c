/**
 * Whether two models answer the same, and how sure that is.
 *
 * <p>A {@link dev.fusewright.core.verify.ModelRunner} is the port through which models are run;
 * model-io implements it with ONNX Runtime in a child process. The original and the candidate are
 * run on the same seeded inputs; how far the original moves by itself (the noise floor) says how
 * far the candidate may be off. The result is one {@link dev.fusewright.core.verify.LevelVerdict};
 * {@link dev.fusewright.core.verify.Equivalence} puts the levels together.
 *
 * <p>Must never appear here: the rules or anything that shares code with them, files, processes,
 * native code.
 */
@NullMarked
package dev.fusewright.core.verify;

import org.jspecify.annotations.NullMarked;
