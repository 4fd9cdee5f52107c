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
package dev.fusewright.pipeline.cli;

import static org.assertj.core.api.Assertions.assertThat;

import com.google.gson.JsonElement;
import dev.fusewright.core.testing.UsesPython;
import dev.fusewright.io.testing.Python;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.stream.Stream;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.EnumSource;

/**
 * Whole modules of both torches, in every protocol, as archives and as legacy streams: what is
 * written loads as the module that {@code fuse_modules} makes of the original, with its bits,
 * classes, order, training flags, hooks and outputs.
 */
@UsesPython
final class WholeModuleOracleTest {
  private static final String SCRIPT = "whole_modules.py";

  /** Nets whose lists have nothing that mode qat refuses. */
  private static final Set<String> QAT = Set.of("mobilenet_v2", "volume", "yolo");

  private static final String IN_TRAIN_MODE = "train_";

  @TempDir Path folder;

  /** Once per PyTorch, so that it is loaded twice and no oftener: each form, each mode. */
  @ParameterizedTest
  @EnumSource(Python.class)
  void a_whole_module_becomes_what_pytorch_makes_of_it(Python torch) throws IOException {
    // Each form once: every protocol, as an archive and as a stream.
    switch (torch) {
      case TORCH1 ->
          torch.run(
              SCRIPT,
              "make",
              folder,
              "zip2",
              "optimized5",
              "zip5",
              "optimized2",
              "legacy3",
              "legacy4");
      case TORCH2 ->
          torch.run(
              SCRIPT, "make", folder, "zip3", "optimized4", "zip4", "big", "legacy2", "legacy5");
    }
    int made = 0;
    for (Path file : files()) {
      String net = file.getParent().getFileName().toString();
      if (net.startsWith(IN_TRAIN_MODE)) {
        for (String backend : backends(net)) {
          fuse(file, backend, "--mode", "qat", "--qat-prepare", backend);
          made++;
        }
      } else {
        fuse(file, "fused");
        made++;
        if (QAT.contains(net)) {
          fuse(file, "qat", "--mode", "qat");
          made++;
        }
      }
    }

    Map<String, JsonElement> found = torch.json(SCRIPT, "check", folder).getAsJsonObject().asMap();

    assertThat(found).hasSize(made).hasSizeGreaterThan(45);
    assertThat(found)
        .allSatisfy(
            (file, differences) ->
                assertThat(differences.getAsJsonArray()).as("%s", file).isEmpty());
  }

  private static List<String> backends(String net) {
    return net.equals("train_kinds") ? List.of("fbgemm", "qnnpack") : List.of("fbgemm");
  }

  private static void fuse(Path file, String kind, Object... further) {
    Path output =
        file.resolveSibling(file.getFileName().toString().replace(".pth", "." + kind + ".pth"));
    Object[] first = {
      "fuse", file, "-o", output, "--modules", file.resolveSibling("groups.json"), "--json"
    };
    Answer answer = Answer.of(Stream.concat(Stream.of(first), Stream.of(further)).toArray());
    assertThat(answer.code()).as("%s: %s%s", file, answer.out(), answer.err()).isZero();
  }

  private List<Path> files() throws IOException {
    try (Stream<Path> files = Files.walk(folder)) {
      return files.filter(file -> file.toString().endsWith(".pth")).sorted().toList();
    }
  }
}
