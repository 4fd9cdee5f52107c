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
package dev.fusewright.pipeline.model;

import static java.nio.charset.StandardCharsets.UTF_8;
import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.Comparator;
import java.util.List;
import java.util.stream.Stream;
import java.util.zip.ZipEntry;
import java.util.zip.ZipOutputStream;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

final class BuildIdTest {
  @TempDir Path folder;
  private Path classes;

  @BeforeEach
  void compiled() throws IOException {
    classes = folder.resolve("classes");
    write("dev/rules/Fold.class", "fold");
    write("dev/rules/deep/Merge.class", "merge");
    write("dev/cli/Command.class", "command");
  }

  private void write(String name, String content) throws IOException {
    Path file = classes.resolve(name);
    Files.createDirectories(file.getParent());
    Files.writeString(file, content);
  }

  private static String id(Path origin) {
    return BuildId.of(List.of(new BuildId.Part(origin, "dev/rules/")));
  }

  /** The files with others, as a build packs them at another time. */
  private Path jar(int level) throws IOException {
    Path jar = folder.resolve("all-" + level + ".jar");
    try (ZipOutputStream zip = new ZipOutputStream(Files.newOutputStream(jar));
        Stream<Path> files = Files.walk(classes)) {
      zip.setLevel(level);
      zip.putNextEntry(new ZipEntry("dev/rules/"));
      zip.putNextEntry(new ZipEntry("META-INF/MANIFEST.MF"));
      zip.write(("Built: " + level).getBytes(UTF_8));
      for (Path file :
          files.filter(Files::isRegularFile).sorted(Comparator.reverseOrder()).toList()) {
        zip.putNextEntry(new ZipEntry(classes.relativize(file).toString()));
        zip.write(Files.readAllBytes(file));
      }
    }
    return jar;
  }

  @Test
  void the_same_classes_have_the_same_id_in_a_folder_and_in_any_jar() throws IOException {
    assertThat(id(classes)).matches("[0-9a-f]{16}").isEqualTo(id(jar(0))).isEqualTo(id(jar(9)));
  }

  @Test
  void a_byte_of_a_class_that_decides_changes_it_and_that_of_another_does_not() throws IOException {
    String before = id(classes);
    write("dev/cli/Command.class", "Command");
    assertThat(id(classes)).isEqualTo(before);
    write("dev/rules/deep/Merge.class", "Merge");
    assertThat(id(classes)).isNotEqualTo(before).isEqualTo(id(jar(5)));
  }

  @Test
  void a_class_more_changes_it_and_so_does_another_name() throws IOException {
    String before = id(classes);
    Files.move(classes.resolve("dev/rules/Fold.class"), classes.resolve("dev/rules/Fold2.class"));
    String renamed = id(classes);
    write("dev/rules/Fold.class", "fold");
    assertThat(List.of(before, renamed, id(classes))).doesNotHaveDuplicates();
  }

  @Test
  void code_that_is_not_where_it_should_be_is_an_error() {
    assertThatThrownBy(() -> BuildId.of(List.of(new BuildId.Part(classes, "dev/io/"))))
        .isInstanceOf(IllegalStateException.class)
        .hasMessageContaining("expected classes below dev/io/, found none");
  }

  @Test
  void this_programs_id_is_that_of_its_rules_formats_and_flow() {
    assertThat(Converter.build()).matches("[0-9a-f]{16}").isEqualTo(Converter.build());
    assertThat(Converter.versionAndBuild())
        .isEqualTo(Converter.version() + "+" + Converter.build());
  }
}
