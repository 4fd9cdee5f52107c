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
 * Execution of models by ONNX Runtime, in child processes, so that a crash costs one model and
 * not a worker.
 *
 * <p>A {@link dev.fusewright.io.runtime.RunnerPool} keeps a few child JVMs, which are reused from
 * model to model; one that died is replaced when the next model needs it. A child runs one session
 * at a time, with graph optimizations, the CPU arena and memory patterns off. What confines it:
 *
 * <ul>
 *   <li>heap: {@code -Xmx}; a tensor that does not fit fails with {@code OUT_OF_MEMORY};
 *   <li>native memory: the address space is limited with the shell's {@code ulimit -v} before Java
 *       starts, where the system has that (Linux; macOS has not, and there only the heap is
 *       limited). An allocation beyond it fails, and ONNX Runtime reports that, or dies of it,
 *       which costs the same one model;
 *   <li>time: every request has a limit, after which the child is killed;
 *   <li>credentials: its environment is what {@code RunnerEnvironment} lists, whatever its parent's
 *       is, with ONNX Runtime's telemetry switched off;
 *   <li>network: none, where Linux lets a user have namespaces of its own ({@code
 *       NetworkIsolation}); elsewhere its parent's;
 *   <li>files: its {@code java.io.tmpdir} is a private folder, which is deleted with it;
 *   <li>life: it ends itself when its standard input closes, however its parent died.
 * </ul>
 *
 * <p>The protocol, over standard input and file descriptor 3 (standard output belongs to what
 * native code prints, and goes to standard error, of which the tail is kept for messages). Numbers
 * are big-endian, a string is an int and as many bytes of UTF-8, an enum constant is its name, a
 * tensor is its type, its rank as an int, its dimensions as longs, and its canonical
 * (little-endian) bytes; of strings there are none, the child makes its own:
 *
 * <table>
 * <caption>Requests and answers</caption>
 * <tr><th>request</th><th>bytes</th><th>answer</th></tr>
 * <tr><td>(start)</td><td></td><td>1, the runtime's version</td></tr>
 * <tr><td>open</td><td>1, path, evaluation, threads as an int</td><td>1, inputs, outputs: each a count, then
 * name, type, rank (−1: unknown) and dimensions (a long; −1: followed by the symbolic name, which may be empty)</td></tr>
 * <tr><td>run</td><td>2, count, then name and tensor of each input; count, then names of outputs</td><td>1, then a tensor
 * for each output</td></tr>
 * <tr><td>close</td><td>3</td><td>1</td></tr>
 * <tr><td>any that fails</td><td></td><td>0, the failure, message</td></tr>
 * </table>
 *
 * <p>{@link dev.fusewright.io.runtime.TorchRunners} are such children that run TorchScript archives
 * with PyTorch: a Python that the user names, with the script {@code torch_runner.py} from the
 * resources. The same limits, environment and protocol, with these differences: an open request has
 * the number of the archive's outputs in place of threads, and its answer a count and the types of
 * the inputs: {@code UNDEFINED} for a tensor, that of its only element for a number; a run's tensors
 * have no names, and outputs are asked for by their places. What such a child answers is held
 * against limits here, too: it runs other people's code.
 *
 * <p>Why the runtime refuses a model is found in the model's graph ({@code Obstacle}): its words for
 * an operator that it cannot run are many, and the same as those for a broken model. {@code
 * cpu-kernels.tsv} lists the operators that it can; {@code src/oracles/ort_kernels.py} makes it.
 *
 * <p>Must never appear here: the native library in this process (only {@code RunnerMain}, in the
 * child, loads it), a pickle in either direction, what is to be judged of the outputs.
 */
@NullMarked
package dev.fusewright.io.runtime;

import org.jspecify.annotations.NullMarked;
