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
package dev.fusewright.io.torch;

import dev.fusewright.io.archive.ZipScratch;
import dev.fusewright.io.file.MalformedFileException;
import dev.fusewright.io.file.OpenFile;
import dev.fusewright.io.file.Problem;
import dev.fusewright.io.file.UnsupportedFormatException;
import dev.fusewright.io.format.NestedState.Origin;
import java.nio.file.Path;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.OptionalDouble;
import java.util.Set;
import org.jspecify.annotations.Nullable;

/**
 * Reads PyTorch's checkpoints: zip archives, legacy streams, and the parameters of TorchScript
 * archives.
 *
 * <p>Reading interprets the pickle and checks every tensor against its storage; no payload is read,
 * nothing is executed.
 */
final class TorchReader {
  private static final int ZIP = 0x04034b50;

  private TorchReader() {}

  /**
   * Opens a checkpoint.
   *
   * @throws dev.fusewright.io.file.CheckpointException if it cannot be read, is malformed, needs
   *     what we refuse, or holds no state dict
   */
  static TorchCheckpoint read(Path path) {
    OpenFile file = OpenFile.open(path);
    ZipScratch scratch = new ZipScratch();
    try {
      if (file.size() >= Integer.BYTES && file.bytes(0, Integer.BYTES).getInt() == ZIP) {
        return readZip(path, file, scratch);
      }
      Map<String, String> facts = new LinkedHashMap<>();
      LegacyFile legacy = new LegacyFile(file);
      PickleValue root = legacy.read(facts);
      List<StateSearch.Found> found =
          found(file, Origin.MODULE, root, legacy.pickled(), type -> OptionalDouble.empty());
      TorchModules modules = modules(path, legacy.pickled(), found);
      return new TorchCheckpoint(path, file, scratch, root, found, modules, facts, List.of());
    } catch (RuntimeException e) {
      scratch.close();
      file.close();
      throw e;
    }
  }

  private static TorchCheckpoint readZip(Path path, OpenFile file, ZipScratch scratch) {
    TorchArchive archive = new TorchArchive(file, scratch);
    Origin objects = archive.isScript() ? Origin.SCRIPT : Origin.MODULE;
    PickleValue root = archive.root();
    ScriptCode code = archive.code();
    List<StateSearch.Found> found = found(file, objects, root, archive.pickled(), code::epsilon);
    Map<String, String> facts = archive.facts();
    TorchModules modules = modules(path, archive.pickled(), found);
    return new TorchCheckpoint(path, file, scratch, root, found, modules, facts, archive.remarks());
  }

  private static @Nullable TorchModules modules(
      Path path, @Nullable PickledFile pickled, List<StateSearch.Found> found) {
    return pickled == null ? null : new TorchModules(path, pickled, found);
  }

  private static List<StateSearch.Found> found(
      OpenFile file,
      Origin objects,
      PickleValue root,
      @Nullable PickledFile pickled,
      StateSearch.Epsilons epsilons) {
    Problem problem = Problem.in(file.label());
    List<StateSearch.Found> found = StateSearch.in(root, objects, epsilons, problem);
    if (found.isEmpty()) {
      throw new UnsupportedFormatException(
          problem
              .expected("a state dict")
              .found(Descriptions.of(root) + " without one")
              .hint(pickled == null ? "" : hint(pickled.layout().names())));
    }
    return found;
  }

  /** What the names in a pickle without a state dict tell of it. */
  private static String hint(Set<String> names) {
    if (names.contains(Descriptions.META)) {
      return "It has tensors of the meta device, which have no values: save the model with its weights";
    }
    return names.stream()
            .anyMatch(name -> name.startsWith("numpy") && name.endsWith("._reconstruct"))
        ? "It has NumPy arrays: make them tensors with torch.from_numpy and save the file again"
        : "";
  }

  /** For errors: the first bytes are those of neither format. */
  static MalformedFileException notTorch(OpenFile file) {
    return new MalformedFileException(
        file.problemAt(0).expected("a zip archive or torch's magic number").found("other bytes"));
  }
}
