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
import static org.assertj.core.api.Assertions.assertThatThrownBy;
import static org.junit.jupiter.api.DynamicTest.dynamicTest;

import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.ObjectMapper;
import com.fasterxml.jackson.databind.node.ObjectNode;
import dev.fusewright.io.storage.Location;
import dev.fusewright.io.storage.StorageConfiguration;
import dev.fusewright.io.storage.Stores;
import dev.fusewright.pipeline.catalogue.CatalogueAvro;
import dev.fusewright.pipeline.catalogue.CatalogueEntry;
import dev.fusewright.pipeline.catalogue.CataloguePreparation;
import dev.fusewright.pipeline.catalogue.EntryJson;
import dev.fusewright.pipeline.settings.FuseSettings;
import dev.fusewright.pipeline.settings.Setting;
import dev.fusewright.pipeline.settings.SettingFields;
import dev.fusewright.pipeline.settings.SettingPlace;
import dev.fusewright.pipeline.settings.Settings;
import dev.fusewright.pipeline.settings.SettingsJson;
import java.io.IOException;
import java.io.OutputStream;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.stream.Stream;
import org.apache.beam.sdk.util.SerializableUtils;
import org.junit.jupiter.api.DynamicTest;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.TestFactory;
import org.junit.jupiter.api.io.TempDir;
import picocli.CommandLine;
import picocli.CommandLine.Model.CommandSpec;

/** Every setting is in every spelling: a walk along the table of settings. */
final class SettingSpellingsTest {
  private static final ObjectMapper JSON = new ObjectMapper();
  private static final Location FOLDER = Location.of("/models");
  private static final Map<String, SettingPlace> COMMANDS =
      Map.of(
          "run", SettingPlace.RUN,
          "plan", SettingPlace.RUN,
          "retry", SettingPlace.RUN,
          "fuse", SettingPlace.FUSE,
          "inspect", SettingPlace.INSPECT,
          "verify", SettingPlace.VERIFY,
          "catalogue", SettingPlace.READ,
          "report", SettingPlace.READ,
          "show", SettingPlace.READ);
  private static final Map<String, List<String>> REQUIRED =
      Map.of(
          "run", List.of("--catalogue=c", "--output=o"),
          "plan", List.of("--catalogue=c", "--output=o"),
          "retry", List.of("--reports=r", "--output=o"),
          "fuse", List.of("m.onnx", "-o=o.onnx"),
          "inspect", List.of("m.onnx"),
          "verify", List.of("a.onnx", "b.onnx"),
          "catalogue", List.of("*.onnx"),
          "report", List.of("r", "-o=a"),
          "show", List.of("m.onnx"));

  @TempDir Path folder;

  @TestFactory
  Stream<DynamicTest> each() {
    return SettingFields.ALL.stream()
        .flatMap(
            setting ->
                Stream.of(
                    dynamicTest(setting + " in an entry", () -> assertInAnEntry(setting)),
                    dynamicTest(setting + " as an option", () -> assertAnOption(setting)),
                    dynamicTest(setting + " carried by a run", () -> assertCarried(setting)),
                    dynamicTest(setting + " in the digest", () -> assertInTheDigest(setting))));
  }

  private static JsonNode example(Setting<?> setting) throws IOException {
    return JSON.readTree(setting.example());
  }

  /** The settings of somebody who says the example of this one, and nothing else. */
  private static Settings said(Setting<?> setting) throws IOException {
    Settings said =
        SettingsJson.read(
            JSON.createObjectNode().<ObjectNode>set(setting.name(), example(setting)));
    assertThat(said.value(setting)).isNotNull().isNotEqualTo(setting.standard());
    return said;
  }

  private void assertInAnEntry(Setting<?> setting) throws Exception {
    String line =
        JSON.createObjectNode()
            .put("id", "a")
            .put("uri", "a.pt")
            .set(setting.name(), example(setting))
            .toString();
    if (!setting.standsAt(SettingPlace.ENTRY)) {
      assertThatThrownBy(() -> EntryJson.parse(line, FOLDER))
          .hasMessageContaining("unknown field '%s'", setting);
      return;
    }
    CatalogueEntry entry = EntryJson.parse(line, FOLDER);
    assertThat(entry.settings()).isEqualTo(said(setting));
    assertThat(JSON.readTree(EntryJson.write(entry)).get(setting.name()))
        .isEqualTo(example(setting));

    Path avro = Files.createTempDirectory(folder, "avro").resolve("zoo.avro");
    try (OutputStream out = Files.newOutputStream(avro)) {
      CatalogueAvro.write(List.of(entry), out);
    }
    Path lines = avro.resolveSibling("zoo.jsonl");
    CataloguePreparation.prepare(
        Stores.of(StorageConfiguration.defaults()),
        Location.of(avro),
        Location.of("/fused"),
        lines);
    assertThat(EntryJson.parse(Files.readString(lines), FOLDER)).isEqualTo(entry);
  }

  private static List<String> words(Setting<?> setting) throws IOException {
    List<String> words = new ArrayList<>();
    JsonNode example = example(setting);
    switch (setting.form()) {
      case FLAG -> words.add(setting.option());
      case WORD -> {
        words.add(setting.option());
        words.add(example.isTextual() ? example.textValue() : example.toString());
      }
      case WORDS -> {
        if (example.isArray()) {
          example.forEach(word -> words.addAll(List.of(setting.option(), word.textValue())));
        } else {
          words.addAll(List.of(setting.option(), example.asText()));
        }
      }
    }
    return words;
  }

  private static void assertAnOption(Setting<?> setting) throws IOException {
    for (String name : COMMANDS.keySet()) {
      if (setting.standsAt(COMMANDS.get(name))) {
        assertThat(SettingsOptions.of(read(name, List.of()))).isEqualTo(Settings.NONE);
        CommandSpec given = read(name, words(setting));
        assertThat(SettingsOptions.of(given)).as(name).isEqualTo(said(setting));
        assertThat(given.commandLine().getUsageMessage()).contains(setting.option());
      } else if (setting.option() != null) {
        assertThat(read(name, List.of()).findOption(setting.option())).as(name).isNull();
      }
    }
  }

  private static CommandSpec read(String command, List<String> more) {
    CommandLine program = Fusewright.commandLine();
    List<String> arguments = new ArrayList<>(List.of(command));
    arguments.addAll(REQUIRED.get(command));
    arguments.addAll(more);
    program.parseArgs(arguments.toArray(String[]::new));
    return program.getSubcommands().get(command).getCommandSpec();
  }

  private static void assertCarried(Setting<?> setting) throws IOException {
    Settings said = said(setting);
    assertThat(SettingsJson.read(JSON.readTree(SettingsJson.write(said).toString())))
        .isEqualTo(said);
    assertThat(SerializableUtils.clone(said)).isEqualTo(said);
  }

  private static void assertInTheDigest(Setting<?> setting) throws IOException {
    String standard = FuseSettings.defaults().digest();
    String other = FuseSettings.resolve(said(setting)).digest();
    if (setting.decides()) {
      assertThat(other).isNotEqualTo(standard);
    } else {
      assertThat(other).isEqualTo(standard);
    }
  }

  @Test
  void names_and_options_are_each_ones_own_and_everything_is_explained() {
    assertThat(SettingFields.ALL)
        .extracting(Setting::name)
        .doesNotHaveDuplicates()
        .allMatch(name -> name.matches("[a-z]+(_[a-z]+)*"));
    assertThat(SettingFields.ALL.stream().map(Setting::option).filter(option -> option != null))
        .doesNotHaveDuplicates()
        .allMatch(option -> option.matches("--[a-z]+(-[a-z]+)*"));
    assertThat(SettingFields.ALL)
        .allMatch(setting -> setting.meaning().matches("(?s).+\\."))
        .allMatch(setting -> (setting.option() == null) == !isAnOption(setting));
  }

  private static boolean isAnOption(Setting<?> setting) {
    return Stream.of(SettingPlace.values())
        .anyMatch(place -> place != SettingPlace.ENTRY && setting.standsAt(place));
  }
}
