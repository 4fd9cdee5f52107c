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
import com.fasterxml.jackson.databind.DeserializationFeature;
import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.ObjectMapper;
import com.fasterxml.jackson.databind.node.TextNode;
import dev.fusewright.core.modules.ModuleList;
import dev.fusewright.core.modules.ModuleListException;
import dev.fusewright.io.file.RegularFiles;
import dev.fusewright.io.storage.Location;
import dev.fusewright.io.storage.StorageErrors;
import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.nio.file.InvalidPathException;
import java.nio.file.Path;
import org.jspecify.annotations.Nullable;

/**
 * The codec of module lists, which are kept as their text. A list is a JSON array, or a text that
 * holds one, with comments perhaps; {@code recipe:NAME} is a text. Of a command line it is checked
 * at once; of an entry when it meets a model, since it costs that entry only.
 */
final class ModuleListCodec implements SettingCodec<String> {
  private static final String RECIPE = "recipe:";
  private static final int LARGEST = 16 << 20;
  private static final ObjectMapper JSON =
      new ObjectMapper().enable(DeserializationFeature.FAIL_ON_TRAILING_TOKENS);

  @Override
  public String read(String name, JsonNode json, Location folder) {
    if (json.isArray()) {
      return json.toString();
    }
    if (!json.isTextual()) {
      throw JsonFields.wrong(name, "a module list, or recipe:NAME", json);
    }
    JsonNode array = array(json.textValue());
    return array == null ? json.textValue() : array.toString();
  }

  @Override
  public JsonNode write(String value) {
    JsonNode array = array(value);
    return array == null ? TextNode.valueOf(value) : array;
  }

  /** What a text holds, if that is JSON as it should be. */
  private static @Nullable JsonNode array(String text) {
    if (!isList(text)) {
      return null;
    }
    try {
      return JSON.readTree(text);
    } catch (JsonProcessingException e) {
      return null;
    }
  }

  private static boolean isList(String text) {
    return text.stripLeading().startsWith("[");
  }

  /** What is no list, no recipe and not {@code auto} is the name of a file that holds a list. */
  @Override
  public JsonNode word(String name, String word) {
    if (word.startsWith(RECIPE)) {
      requireRecipe(name, word.substring(RECIPE.length()));
      return TextNode.valueOf(word);
    }
    if (word.equals(ModuleRequest.AUTO)) {
      return TextNode.valueOf(word);
    }
    String text = isList(word) ? word : file(name, word);
    try {
      ModuleList.parse(text);
    } catch (ModuleListException e) {
      throw new IllegalArgumentException("%s: %s".formatted(name, e.getMessage()), e);
    }
    return TextNode.valueOf(text);
  }

  private static void requireRecipe(String name, String recipe) {
    try {
      ModuleList.recipe(recipe);
    } catch (ModuleListException e) {
      String message = String.valueOf(e.getMessage());
      // Whoever knows the names of models has perhaps said already which is meant.
      String question =
          message.contains(", but '") ? "" : NearestName.question(recipe, ModuleList.recipes());
      throw new IllegalArgumentException("%s: %s%s".formatted(name, message, question), e);
    }
  }

  private static String file(String name, String word) {
    if (word.contains("://")) {
      // No file's name; but what holds a secret is refused before it is repeated.
      Location.of(word);
    }
    try {
      return new String(RegularFiles.bytes(Path.of(word), LARGEST), StandardCharsets.UTF_8);
    } catch (IOException | InvalidPathException e) {
      throw new IllegalArgumentException(
          "%s %s: no list, no recipe:NAME, and no file that can be read (%s)"
              .formatted(name, word, reason(e)),
          e);
    }
  }

  private static String reason(Exception error) {
    return error instanceof IOException failure
        ? StorageErrors.describe(failure)
        : String.valueOf(error.getMessage());
  }
}
