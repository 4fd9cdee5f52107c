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
package dev.fusewright.deploy.architecture;

import static org.assertj.core.api.Assertions.assertThat;

import dev.fusewright.core.testing.UsesFlink;
import dev.fusewright.core.testing.UsesProcesses;
import dev.fusewright.core.testing.UsesPython;
import dev.fusewright.core.testing.UsesRealModels;
import dev.fusewright.core.testing.UsesServers;
import dev.fusewright.deploy.support.Project;
import java.lang.annotation.Annotation;
import java.nio.file.Path;
import java.util.Map;
import java.util.regex.Pattern;
import java.util.stream.Stream;
import org.junit.jupiter.api.Test;

/** A test that uses more than its own JVM says so, and is not run beside others. */
class TestLayersTest {
  /** What betrays each, in the text of a test. */
  private static final Map<Class<? extends Annotation>, Pattern> SIGNS =
      Map.of(
          UsesProcesses.class,
          Pattern.compile("new ProcessBuilder|RunProcess\\.start|ExternalTool\\.|new RunnerPool"),
          UsesServers.class,
          Pattern.compile("(HdfsCluster|S3Server|MotoServer)\\.start"),
          UsesFlink.class,
          Pattern.compile("TestRuns\\.(into|submitter)\\(|FlinkOptions\\.of\\("),
          UsesPython.class,
          Pattern.compile("\\bPython\\.TORCH"),
          UsesRealModels.class,
          Pattern.compile("\\bRealModels\\.file|Fixtures\\.real\\(|FUSEWRIGHT_MODELS"));

  private static final Pattern TEST =
      Pattern.compile("@(Test|ParameterizedTest|TestFactory|Property)\\b");

  private static final Pattern CLOCK =
      Pattern.compile("assertTimeout|@Timeout\\b|isLessThan\\(Duration");

  @Test
  void a_test_that_uses_more_than_its_jvm_says_so() {
    assertThat(
            tests()
                .flatMap(
                    file ->
                        SIGNS.entrySet().stream()
                            .filter(sign -> sign.getValue().matcher(Project.text(file)).find())
                            .map(sign -> "@" + sign.getKey().getSimpleName())
                            .filter(annotation -> !Project.text(file).contains(annotation + "\n"))
                            .map(annotation -> name(file) + " lacks " + annotation)))
        .isEmpty();
  }

  @Test
  void no_test_looks_at_the_clock() {
    assertThat(
            tests()
                .filter(file -> CLOCK.matcher(Project.text(file)).find())
                .filter(file -> !Project.text(file).contains("CpuTime"))
                .map(TestLayersTest::name))
        .isEmpty();
  }

  @Test
  void each_sign_is_one_that_tests_have() {
    assertThat(SIGNS.values())
        .allSatisfy(
            sign -> assertThat(tests()).anyMatch(file -> sign.matcher(Project.text(file)).find()));
  }

  private static String name(Path file) {
    return Project.HOME.relativize(file).toString();
  }

  /** Those of Surefire: what is named *IT runs apart anyway. This one holds the signs. */
  private static Stream<Path> tests() {
    return Stream.of("fusion-core", "model-io", "pipeline", "deploy")
        .flatMap(
            module -> Project.filesUnder(Project.HOME.resolve(module + "/src/test/java")).stream())
        .filter(file -> file.toString().endsWith("Test.java"))
        .filter(file -> !file.endsWith("TestLayersTest.java"))
        .filter(file -> TEST.matcher(Project.text(file)).find());
  }
}
