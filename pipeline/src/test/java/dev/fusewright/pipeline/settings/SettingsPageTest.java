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
package dev.fusewright.pipeline.settings;

import static org.assertj.core.api.Assertions.assertThat;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.Objects;
import java.util.stream.Collectors;
import java.util.stream.Stream;
import org.junit.jupiter.api.Test;

/**
 * The page of settings says what the table of settings says.
 *
 * <p>Scenario: change the table, run this with {@code -Dfusewright.pages=write}, look at the
 * difference, commit it.
 */
final class SettingsPageTest {
  private static final Path PAGE = Path.of("..", "src", "docs", "settings.md");
  private static final boolean WRITES = "write".equals(System.getProperty("fusewright.pages"));

  @Test
  void the_page_is_made_from_the_table() throws IOException {
    if (WRITES) {
      Files.writeString(PAGE, page());
    }
    assertThat(PAGE).exists();
    assertThat(Files.readString(PAGE))
        .as("settings.md; -Dfusewright.pages=write makes it anew")
        .isEqualTo(page());
  }

  private static String page() {
    return """
        <!-- Made from SettingFields by SettingsPageTest; -Dfusewright.pages=write makes it anew. -->

        # Settings

        A setting has one name in JSON and Avro (an entry of a catalogue, the `settings` of a `run.json`) and one option. What is
        given is always honoured: an entry's own word before the run's, the run's before the default. `run` stands for `run`,
        `plan` and `retry`, `read` for `catalogue`, `report` and `show`; a retry has the settings of the run that it retries where it is given none.

        | name | option | value | default | where | meaning |
        |---|---|---|---|---|---|
        """
        + SettingFields.ALL.stream().map(SettingsPageTest::row).collect(Collectors.joining())
        + """

        The module list and the samples of an entry are JSON: `"fuse": [["conv1", "bn1"]]`, or `"fuse": "recipe:resnet18"`
        ([module lists](module-lists.md)); `"inputs": {"x": {"shape": [1, 3, 224, 224], "range": [0, 1], "files": ["x0.npy"]}}`. Flags are `true` or `false`.
        In Avro a module list is a text.

        All of them %s decide what is published, and are in the digest that makes an entry
        [unchanged](runs.md#what-counts-as-unchanged).
        """
            .formatted(
                SettingFields.ALL.stream()
                    .filter(setting -> !setting.decides())
                    .map(setting -> "`" + setting.name() + "`")
                    .collect(Collectors.joining(", ", "but ", "")));
  }

  private static String row(Setting<?> setting) {
    return "| `%s` | %s | %s | %s | %s | %s |\n"
        .formatted(
            setting.name(),
            setting.option() == null ? "" : "`" + setting.option() + "`",
            setting.label().isEmpty()
                ? ""
                : "`" + setting.label(SettingPlace.RUN).replace("|", "\\|") + "`",
            Objects.requireNonNullElse(setting.standardText(), ""),
            Stream.of(SettingPlace.values())
                .filter(setting::standsAt)
                .map(SettingPlace::text)
                .collect(Collectors.joining(", ")),
            setting.meaning(SettingPlace.RUN));
  }
}
