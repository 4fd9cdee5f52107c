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

import com.fasterxml.jackson.core.JsonProcessingException;
import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.ObjectMapper;
import com.fasterxml.jackson.databind.node.JsonNodeFactory;
import com.fasterxml.jackson.databind.node.ObjectNode;
import dev.fusewright.io.storage.Location;
import java.util.Collection;
import java.util.Comparator;
import java.util.List;
import org.jspecify.annotations.Nullable;

/** Settings as a JSON object: one field for each that was said. */
public final class SettingsJson {
  private static final Location ROOT = Location.of("/");
  private static final ObjectMapper JSON = new ObjectMapper();

  private SettingsJson() {}

  /** Writes what was said, so that {@link #read} gives the same. */
  public static ObjectNode write(Settings settings) {
    ObjectNode json = JsonNodeFactory.instance.objectNode();
    SettingFields.ALL.forEach(setting -> write(setting, settings, json));
    return json;
  }

  private static <T> void write(Setting<T> setting, Settings settings, ObjectNode json) {
    T value = settings.value(setting);
    if (value != null) {
      json.set(setting.name(), setting.write(value));
    }
  }

  /**
   * Reads what {@link #write} wrote.
   *
   * @throws IllegalArgumentException naming the field that is wrong, or not known
   */
  public static Settings read(JsonNode object) {
    List<String> names = SettingFields.ALL.stream().map(Setting::name).toList();
    JsonFields.requireKnown("the settings of a run have", object, names);
    return read(object, SettingFields.ALL, ROOT, /* place= */ null);
  }

  /**
   * Reads the settings of a place from an object, and passes its other fields by.
   *
   * @param folder that relative locations are seen from
   * @throws IllegalArgumentException naming the field that is wrong
   */
  public static Settings read(JsonNode object, SettingPlace place, Location folder) {
    Settings said = read(object, SettingFields.at(place), folder, place);
    said.require(place);
    return said;
  }

  private static Settings read(
      JsonNode object,
      Collection<? extends Setting<?>> settings,
      Location folder,
      @Nullable SettingPlace place) {
    Settings said = Settings.NONE;
    for (Setting<?> setting : settings) {
      JsonNode value = object.get(setting.name());
      if (value != null && !value.isNull()) {
        said = with(said, setting, value, folder, place);
      }
    }
    return said;
  }

  private static <T> Settings with(
      Settings settings,
      Setting<T> setting,
      JsonNode value,
      Location folder,
      @Nullable SettingPlace place) {
    return settings.with(setting, setting.read(value, folder, place));
  }

  static Settings parse(String json) {
    try {
      return read(JSON.readTree(json));
    } catch (JsonProcessingException e) {
      throw new IllegalArgumentException("no settings: " + json, e);
    }
  }

  /**
   * The one text of everything that decides what becomes of a model, whoever said it and in which
   * order.
   */
  static String canonical(Settings resolved) {
    ObjectNode json = JsonNodeFactory.instance.objectNode();
    SettingFields.ALL.stream()
        .filter(Setting::decides)
        .sorted(Comparator.comparing(Setting::name))
        .forEach(setting -> write(setting, resolved, json));
    return json.toString();
  }
}
