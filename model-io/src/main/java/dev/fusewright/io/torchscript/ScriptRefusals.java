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
package dev.fusewright.io.torchscript;

import dev.fusewright.io.archive.ZipDirectory;
import dev.fusewright.io.archive.ZipEntryInfo;
import dev.fusewright.io.aten.AtenValue;
import dev.fusewright.io.aten.Placed;
import dev.fusewright.io.aten.Program;
import dev.fusewright.io.file.Problem;
import dev.fusewright.io.file.UnsupportedFormatException;
import java.nio.file.Path;
import java.util.Collection;

/** Archives with TorchScript's code whose graph is not read. */
final class ScriptRefusals {
  private static final String BYTECODE = "bytecode.pkl";
  private static final String PACKED = "ops.prim.ConstantMKLDNNTensor";
  private static final String EXPECTED = "a TorchScript archive, as torch.jit.save writes it";

  private ScriptRefusals() {}

  static void check(Path path, ZipDirectory directory) {
    for (ZipEntryInfo entry : directory.entries()) {
      if (entry.name().endsWith("/" + BYTECODE)) {
        throw new UnsupportedFormatException(
            Problem.in(path)
                .expected(EXPECTED)
                .found("a model for the lite interpreter, which has a second copy of the code")
                .hint("Fuse the model that it was made of, then save it for the lite interpreter"));
      }
      if (entry.name().endsWith("/model.json")) {
        throw new UnsupportedFormatException(
            Problem.in(path)
                .expected(EXPECTED)
                .found("an archive of torch 1.3 or older (model.json)")
                .hint("Load it with torch.jit.load and save it again"));
      }
    }
  }

  /** A model that was saved in training mode updates its statistics, which no fold knows. */
  static void checkMode(Path path, Pickled objects, Program program) {
    boolean isTraining =
        objects instanceof Pickled.Instance root
            && root.attribute("training") instanceof Pickled.Scalar flag
            && Boolean.TRUE.equals(flag.value());
    boolean updates =
        program.nodes().stream()
            .map(Placed::value)
            .anyMatch(
                node ->
                    node.isAten()
                        && node.functional().equals("batch_norm.default")
                        && node.argument("running_mean") != null
                        && !(node.argument("training") instanceof AtenValue.Flag mode
                            && !mode.value()));
    if (isTraining && updates) {
      throw new UnsupportedFormatException(
          Problem.in(path)
              .expected("a model for inference")
              .found("one that was saved in training mode")
              .hint("Call eval() before saving"));
    }
  }

  static void check(Path path, Collection<CodeFile> files) {
    for (CodeFile file : files) {
      if (file.text().contains(PACKED)) {
        throw new UnsupportedFormatException(
            Problem.in(path)
                .expected(EXPECTED)
                .found(
                    "a model saved after optimize_for_inference: torch lost its weights when saving,"
                        + " and cannot load it either")
                .hint("Fuse and save the model before torch.jit.optimize_for_inference"));
      }
    }
  }
}
