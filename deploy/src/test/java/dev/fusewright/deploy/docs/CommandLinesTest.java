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
package dev.fusewright.deploy.docs;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatCode;

import dev.fusewright.deploy.support.CommandLines;
import dev.fusewright.deploy.support.Project;
import java.nio.file.Path;
import java.util.List;
import java.util.stream.Stream;
import org.junit.jupiter.api.DynamicTest;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.TestFactory;

/** Every command in README and on every page is one that the program takes. */
class CommandLinesTest {
  @TestFactory
  Stream<DynamicTest> every_command_on_a_page_is_one_that_the_program_takes() {
    return pages()
        .flatMap(
            page ->
                Shell.commands(Project.text(page)).stream()
                    .map(
                        command ->
                            DynamicTest.dynamicTest(
                                Project.HOME.relativize(page) + ": " + String.join(" ", command),
                                () ->
                                    assertThatCode(() -> CommandLines.check(command))
                                        .doesNotThrowAnyException())));
  }

  @Test
  void commands_are_found() {
    assertThat(pages().flatMap(page -> Shell.commands(Project.text(page)).stream()))
        .hasSizeGreaterThan(10);
  }

  @Test
  void a_command_ends_before_its_explanation_and_goes_on_after_a_backslash() {
    String page =
        """
        fusewright no-block
        ```
        ./fusewright inspect MODEL      what would be fused
        ./fusewright cluster start|stop
        $ FUSEWRIGHT_JAVA_OPTS=-Xmx256m fusewright run --catalogue 's3a://zoo/**/*.onnx' \\
            --modules='[["a", "b"]]' # a comment
        flink run -p 4 fusewright-job.jar run --output "a b" | tee log
        ```
        """;

    assertThat(Shell.commands(page))
        .containsExactly(
            List.of("inspect", "MODEL"),
            List.of("run", "--catalogue", "s3a://zoo/**/*.onnx", "--modules=[[\"a\", \"b\"]]"),
            List.of("run", "--output", "a b"));
  }

  private static Stream<Path> pages() {
    return Stream.concat(
        Stream.of(Project.HOME.resolve("README.md"), Project.HOME.resolve("src/models/README.md")),
        Project.filesUnder(Project.HOME.resolve("src/docs")).stream()
            .filter(file -> file.toString().endsWith(".md")));
  }
}
