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
package dev.fusewright.io.modules;

import static org.assertj.core.api.Assertions.assertThat;

import com.code_intelligence.jazzer.junit.FuzzTest;
import dev.fusewright.core.modules.ModuleList;
import dev.fusewright.core.modules.ModuleListException;
import dev.fusewright.io.testing.FuzzedParser;
import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.stream.Stream;
import org.junit.jupiter.params.provider.MethodSource;

/** Module lists, which name no file: their error says where in the text it is. */
final class ModuleListFuzzTest extends FuzzedParser {
  static Stream<byte[]> seeds() {
    return Stream.of(
            "[[\"conv1\", \"bn1\", \"relu\"], [\"layer*.0.conv\", \"layer*.0.bn\"]]",
            "[\"conv1\", \"bn1\"]",
            "# a comment\n[['a.b', 'c'],] // another",
            "[[\"\\u00e9\", \"{a,b}.c\"]]")
        .map(text -> text.getBytes(StandardCharsets.UTF_8));
  }

  @MethodSource("seeds")
  @FuzzTest
  void lists(byte[] bytes) throws Exception {
    feed(bytes);
  }

  @Override
  protected void read(Path file) throws IOException {
    ModuleList list =
        ModuleList.parse(new String(Files.readAllBytes(file), StandardCharsets.UTF_8));
    assertThat(list).isNotNull();
  }

  @Override
  protected boolean isRefusal(Exception error, Path file) {
    return error instanceof ModuleListException;
  }
}
