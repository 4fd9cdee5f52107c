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

import dev.fusewright.io.storage.StorageConfiguration;
import dev.fusewright.io.storage.Store;
import dev.fusewright.io.storage.Stores;
import dev.fusewright.pipeline.settings.FuseSettings;
import dev.fusewright.pipeline.settings.Setting;
import dev.fusewright.pipeline.settings.SettingFields;
import dev.fusewright.pipeline.settings.SettingPlace;
import dev.fusewright.pipeline.settings.Settings;
import java.util.List;
import java.util.Map;
import java.util.Objects;
import picocli.CommandLine.Model.CommandSpec;
import picocli.CommandLine.Model.OptionSpec;

/** The options of a command that are settings: those that the table of settings gives it. */
final class SettingsOptions {
  private static final Map<String, SettingPlace> PLACES =
      Map.of(
          "run", SettingPlace.RUN,
          "plan", SettingPlace.RUN,
          "retry", SettingPlace.RUN,
          "fuse", SettingPlace.FUSE,
          "inspect", SettingPlace.INSPECT,
          "verify", SettingPlace.VERIFY,
          "catalogue", SettingPlace.READ,
          "report", SettingPlace.READ,
          "show", SettingPlace.READ,
          "diff", SettingPlace.READ);

  private SettingsOptions() {}

  /** Adds its settings to a command; most have none. */
  static void addTo(CommandSpec command) {
    SettingPlace place = PLACES.get(command.name());
    if (place != null) {
      SettingFields.at(place).forEach(setting -> command.addOption(option(setting, place)));
    }
  }

  private static List<Setting<?>> settings(CommandSpec command) {
    SettingPlace place = PLACES.get(command.name());
    return place == null ? List.of() : SettingFields.at(place);
  }

  private static OptionSpec option(Setting<?> setting, SettingPlace place) {
    OptionSpec.Builder option =
        OptionSpec.builder(setting.option()).description(description(setting, place));
    return switch (setting.form()) {
      case FLAG -> option.type(boolean.class).arity("0").build();
      case WORD -> option.type(String.class).paramLabel(setting.label(place)).build();
      case WORDS ->
          option
              .type(List.class)
              .auxiliaryTypes(String.class)
              .paramLabel(setting.label(place))
              .build();
    };
  }

  /** A flag says itself what holds without it. */
  private static String description(Setting<?> setting, SettingPlace place) {
    boolean saysDefault = setting.standardText() != null && setting.form() != Setting.Form.FLAG;
    return saysDefault
        ? "%s Default: %s.".formatted(setting.meaning(place), setting.standardText())
        : setting.meaning(place);
  }

  /** A store of a command that reads, with the deadline that its arguments said. */
  static Store store(CommandSpec command, StorageConfiguration configuration) {
    return Stores.within(
        FuseSettings.resolve(of(command)).fetchTimeout(), Stores.of(configuration));
  }

  /** What the arguments of a command said of settings, when they have been read. */
  static Settings of(CommandSpec command) {
    Settings said = Settings.NONE;
    SettingPlace place = PLACES.get(command.name());
    for (Setting<?> setting : settings(command)) {
      OptionSpec option = command.commandLine().getParseResult().matchedOption(setting.option());
      if (option != null) {
        try {
          said =
              said.withOption(
                  setting, option.originalStringValues(), Objects.requireNonNull(place));
          said.require(Objects.requireNonNull(place));
        } catch (IllegalArgumentException e) {
          throw new UsageException(String.valueOf(e.getMessage()));
        }
      }
    }
    return said;
  }
}
