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

  @TempDir Path folder;

  @ParameterizedTest
  @EnumSource(Python.class)
  void a_whole_module_becomes_what_fuse_modules_makes_of_it(Python torch) throws IOException {
    if (torch == Python.TORCH1) { // Each form once: every protocol, as an archive and as a stream.
      torch.run(SCRIPT, "make", folder, "zip2", "zip5", "legacy3", "legacy4");
    } else {
      torch.run(SCRIPT, "make", folder, "zip3", "zip4", "big", "legacy2", "legacy5");
    }
    for (Path file : files()) {
      Answer answer = fuse(file, ".fused.pth");
      assertThat(answer.code()).as("%s: %s%s", file, answer.out(), answer.err()).isZero();
    }

    Map<String, JsonElement> found = torch.json(SCRIPT, "check", folder).getAsJsonObject().asMap();

    assertThat(found).hasSize(files().size()).hasSizeGreaterThan(30);
    assertThat(found)
        .allSatisfy(
            (file, differences) ->
                assertThat(differences.getAsJsonArray()).as("%s", file).isEmpty());
  }

  @ParameterizedTest
  @EnumSource(Python.class)
  void in_mode_qat_it_becomes_what_fuse_modules_qat_makes_of_it(Python torch) throws IOException {
    torch.run(SCRIPT, "make", folder, "zip2", "legacy4");
    List<Path> files =
        files().stream()
            .filter(file -> QAT.contains(file.getParent().getFileName().toString()))
            .toList();
    for (Path file : files) {
      Answer answer = fuse(file, ".qat.pth", "--mode", "qat");
      assertThat(answer.code()).as("%s: %s%s", file, answer.out(), answer.err()).isZero();
    }

    Map<String, JsonElement> found = torch.json(SCRIPT, "qat", folder).getAsJsonObject().asMap();

    assertThat(found).hasSize(2 * QAT.size());
    assertThat(found)
        .allSatisfy(
            (file, differences) ->
                assertThat(differences.getAsJsonArray()).as("%s", file).isEmpty());
  }

  private static Answer fuse(Path file, String suffix, Object... further) {
    Path output = file.resolveSibling(file.getFileName().toString().replace(".pth", suffix));
    Object[] first = {
      "fuse", file, "-o", output, "--modules", file.resolveSibling("groups.json"), "--json"
    };
    return Answer.of(Stream.concat(Stream.of(first), Stream.of(further)).toArray());
  }

  private List<Path> files() throws IOException {
    try (Stream<Path> files = Files.walk(folder)) {
      return files
          .filter(file -> file.toString().endsWith(".pth"))
          .filter(file -> !file.toString().endsWith(".fused.pth"))
          .filter(file -> !file.toString().endsWith(".qat.pth"))
          .sorted()
          .toList();
    }
  }
}
