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

import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.node.ArrayNode;
import com.fasterxml.jackson.databind.node.BooleanNode;
import com.fasterxml.jackson.databind.node.JsonNodeFactory;
import dev.fusewright.io.storage.Location;
import java.nio.file.Path;
import java.util.List;
import java.util.Set;
import java.util.function.Predicate;
import org.apache.avro.Schema;
import org.jspecify.annotations.Nullable;

/**
 * One setting: its type, its meaning, and everything that its spellings are made from.
 *
 * @param <T> of its values
 */
public final class Setting<T> {
  private final String name;
  private final SettingCodec<T> codec;
  private final String meaning;
  private final @Nullable String option;
  private final String label;
  private final Set<SettingPlace> places;
  private final @Nullable T standard;
  private final @Nullable String standardText;
  private final boolean decides;
  private final String example;
  private final @Nullable Reserved<T> reserved;

  private Setting(Builder<T> builder) {
    this.name = builder.name;
    this.codec = builder.codec;
    this.meaning = builder.meaning;
    this.option = builder.option;
    this.label = builder.label;
    this.places = builder.places;
    this.standard = builder.standard;
    this.standardText = builder.standardText;
    this.decides = builder.decides;
    this.example = builder.example;
    this.reserved = builder.reserved;
  }

  /**
   * Values that may be said at one place only.
   *
   * @param label what they look like
   * @param meaning in sentences
   */
  private record Reserved<T>(
      SettingPlace place, Predicate<T> values, String label, String meaning) {}

  /** The form of the option that gives a setting. */
  public enum Form {
    /** An option with one word. */
    WORD,
    /** An option with one word that may be repeated. */
    WORDS,
    /** An option without words. */
    FLAG
  }

  static <T> Builder<T> named(String name, SettingCodec<T> codec) {
    return new Builder<>(name, codec);
  }

  /** Its name in JSON and Avro. */
  public String name() {
    return name;
  }

  /** What it means, in sentences. */
  public String meaning() {
    return meaning;
  }

  /** Its option, with hyphens; null if it has none. */
  public @Nullable String option() {
    return option;
  }

  /** The form of its option. */
  public Form form() {
    return codec.form();
  }

  /** What its value looks like, in a word; empty for a flag. */
  public String label() {
    return label;
  }

  /** What its value looks like there, with the values that are that place's only. */
  public String label(SettingPlace place) {
    return reserved != null && reserved.place() == place ? label + "|" + reserved.label() : label;
  }

  /** What it means there, with the values that are that place's only. */
  public String meaning(SettingPlace place) {
    return reserved != null && reserved.place() == place
        ? meaning + " " + reserved.meaning()
        : meaning;
  }

  /**
   * Refuses a value that is another place's only.
   *
   * @throws IllegalArgumentException saying whose it is
   */
  void require(SettingPlace place, T value) {
    if (reserved != null && reserved.place() != place && reserved.values().test(value)) {
      throw JsonFields.wrong(
          place == SettingPlace.ENTRY || option == null ? name : option,
          "%s here, since the rest is the %s's".formatted(label, reserved.place().text()),
          codec.write(value));
    }
  }

  /** Whether it may be said there. */
  public boolean standsAt(SettingPlace place) {
    return places.contains(place);
  }

  /** The value of whoever says nothing; null if that depends on the model, or there is none. */
  public @Nullable T standard() {
    return standard;
  }

  /** That value in words; null if there is none. */
  public @Nullable String standardText() {
    if (standardText != null || standard == null) {
      return standardText;
    }
    JsonNode json = codec.write(standard);
    return json.isTextual() ? json.textValue() : json.toString();
  }

  /** Whether it decides what is published, or whether anything is. */
  public boolean decides() {
    return decides;
  }

  /** A value of it as JSON, other than the default. */
  public String example() {
    return example;
  }

  /** The type of its Avro field, where it is not null. */
  public Schema avroType() {
    return codec.avroType();
  }

  /**
   * Reads a value.
   *
   * @param folder that relative locations are seen from
   * @param place where it is said; null where it may be any, as in what a run writes down
   * @throws IllegalArgumentException naming the field, what was expected and found
   */
  T read(JsonNode json, Location folder, @Nullable SettingPlace place) {
    return read(name, json, folder, place);
  }

  /** What is no value at all is answered with the values of the place. */
  private T read(String spelled, JsonNode json, Location folder, @Nullable SettingPlace place) {
    try {
      return codec.read(spelled, json, folder);
    } catch (IllegalArgumentException e) {
      if (reserved == null || place == null || place == reserved.place()) {
        throw e;
      }
      throw JsonFields.wrong(spelled, label.replace("|", " or "), json);
    }
  }

  JsonNode write(T value) {
    return codec.write(value);
  }

  /**
   * Reads the words that were given to its option; relative locations are seen from the working
   * directory.
   *
   * @param words one for each time the option was given; any for a flag
   * @param place where it is said
   * @throws IllegalArgumentException naming the option, what was expected and found
   */
  T ofOption(List<String> words, SettingPlace place) {
    if (option == null) {
      throw new IllegalStateException(name + " has no option");
    }
    JsonNode json =
        switch (codec.form()) {
          case FLAG -> BooleanNode.TRUE;
          case WORD -> codec.word(option, words.get(words.size() - 1));
          case WORDS -> {
            ArrayNode all = JsonNodeFactory.instance.arrayNode();
            words.forEach(word -> all.add(codec.word(option, word)));
            yield all;
          }
        };
    return read(option, json, Location.of(Path.of("")), place);
  }

  @Override
  public String toString() {
    return name;
  }

  /** A setting in the making. */
  static final class Builder<T> {
    private final String name;
    private final SettingCodec<T> codec;
    private String meaning = "";
    private @Nullable String option;
    private String label = "";
    private Set<SettingPlace> places = Set.of();
    private @Nullable T standard;
    private @Nullable String standardText;
    private boolean decides = true;
    private String example = "";
    private @Nullable Reserved<T> reserved;

    private Builder(String name, SettingCodec<T> codec) {
      this.name = name;
      this.codec = codec;
    }

    Builder<T> meaning(String sentences) {
      this.meaning = sentences;
      return this;
    }

    Builder<T> option(String withHyphens) {
      this.option = withHyphens;
      return this;
    }

    Builder<T> label(String word) {
      this.label = word;
      return this;
    }

    Builder<T> at(SettingPlace... where) {
      this.places = Set.of(where);
      return this;
    }

    Builder<T> standard(T value) {
      this.standard = value;
      return this;
    }

    /**
     * Values that may be said at one place only.
     *
     * @param values those
     * @param label what they look like
     * @param sentences what they mean
     */
    Builder<T> reserved(SettingPlace place, Predicate<T> values, String label, String sentences) {
      this.reserved = new Reserved<>(place, values, label, sentences);
      return this;
    }

    /** What holds where nothing is said, if that depends on the model. */
    Builder<T> standardText(String words) {
      this.standardText = words;
      return this;
    }

    /** It decides nothing about a published model: an earlier one stays right without it. */
    Builder<T> decidesNothing() {
      this.decides = false;
      return this;
    }

    Builder<T> example(String json) {
      this.example = json;
      return this;
    }

    Setting<T> build() {
      return new Setting<>(this);
    }
  }
}
