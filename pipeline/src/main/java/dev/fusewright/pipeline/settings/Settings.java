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

import java.io.InvalidObjectException;
import java.io.ObjectInputStream;
import java.io.Serializable;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.Objects;
import org.jspecify.annotations.Nullable;

/**
 * What somebody said of how models are fused and proven: a run, an entry of a catalogue, a command
 * line. What is not in it was not said.
 *
 * <p>Java's serialization, by which Beam hands a run to its workers, carries the same JSON as
 * {@code run.json}.
 */
public final class Settings implements Serializable {
  private static final long serialVersionUID = 1L;

  /** Nothing was said. */
  public static final Settings NONE = new Settings(Map.of());

  private final transient Map<Setting<?>, Object> values;

  private Settings(Map<Setting<?>, Object> values) {
    this.values = Map.copyOf(values);
  }

  /**
   * What a run and one of its entries say together: what the entry says holds, and what it does not
   * say is the run's to say.
   */
  public static Settings merge(Settings run, Settings entry) {
    Map<Setting<?>, Object> both = new HashMap<>(run.values);
    both.putAll(entry.values);
    return new Settings(both);
  }

  /** What was said of a setting; null if nothing was. */
  @SuppressWarnings("unchecked") // with() is the only way in
  public <T> @Nullable T value(Setting<T> setting) {
    return (T) values.get(setting);
  }

  /** These settings, and this said of one more, or another thing of it. */
  public <T> Settings with(Setting<T> setting, T value) {
    Map<Setting<?>, Object> more = new HashMap<>(values);
    more.put(setting, value);
    return new Settings(more);
  }

  /** These settings, and nothing said of this one. */
  public Settings without(Setting<?> setting) {
    Map<Setting<?>, Object> fewer = new HashMap<>(values);
    fewer.remove(setting);
    return new Settings(fewer);
  }

  /**
   * These settings, and what an option says.
   *
   * @param words one for each time it was given; any for a flag
   * @param place where it was said
   * @throws IllegalArgumentException naming the option, what was expected and found
   */
  public <T> Settings withOption(Setting<T> setting, List<String> words, SettingPlace place) {
    return with(setting, setting.ofOption(words, place));
  }

  /**
   * Refuses what may not be said at a place.
   *
   * @throws IllegalArgumentException naming the setting, what was expected and found
   */
  public void require(SettingPlace place) {
    values.keySet().forEach(setting -> require(setting, place));
  }

  private <T> void require(Setting<T> setting, SettingPlace place) {
    setting.require(place, Objects.requireNonNull(value(setting)));
  }

  @Override
  public boolean equals(@Nullable Object other) {
    return other instanceof Settings settings && values.equals(settings.values);
  }

  @Override
  public int hashCode() {
    return values.hashCode();
  }

  /** As JSON. */
  @Override
  public String toString() {
    return SettingsJson.write(this).toString();
  }

  private Object writeReplace() {
    return new Carried(toString());
  }

  private void readObject(ObjectInputStream in) throws InvalidObjectException {
    throw new InvalidObjectException("settings are carried as JSON");
  }

  /** Settings on their way. */
  private record Carried(String json) implements Serializable {
    private Object readResolve() {
      return SettingsJson.parse(json);
    }
  }
}
