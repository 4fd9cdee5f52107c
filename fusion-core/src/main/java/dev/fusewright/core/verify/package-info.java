/*
 * Copyright the Fusewright authors.
 *
 * Licensed under the Apache License, Version 2.0 (the "License"); you may not use this file except
 * in compliance with the License. You may obtain a copy of the License at
 *
 *     http://www.apache.org/licenses/LICENSE-2.0
 *
 * Unless required by applicable law or agreed to in writing, software distributed under the License
 * is distributed on an "AS IS" BASIS, WITHOUT WARRANTIES OR CONDITIONS OF ANY KIND, either express
 * or implied. See the License for the specific language governing permissions and limitations under
 * the License.
 */

/**
 * Comparison of two whole models, and how sure its result is.
 *
 * <p>A {@link dev.fusewright.core.verify.ModelRunner} is the port through which models are run;
 * model-io implements it with ONNX Runtime in a child process. The original and the candidate are
 * run on the same seeded inputs; how far the original moves by itself (the noise floor) says how
 * far the candidate may be off. The result is one {@link dev.fusewright.core.verdict.LevelVerdict};
 * {@link dev.fusewright.core.verify.Equivalence} puts the levels together.
 *
 * <p>Must never appear here: the rules or anything that shares code with them, files, processes,
 * native code.
 */
@NullMarked
package dev.fusewright.core.verify;

import org.jspecify.annotations.NullMarked;
