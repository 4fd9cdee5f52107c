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
package dev.fusewright.pipeline.files;

import com.fasterxml.jackson.core.JsonLocation;
import com.fasterxml.jackson.core.JsonProcessingException;
import com.fasterxml.jackson.databind.DeserializationFeature;
import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.ObjectMapper;
import dev.fusewright.io.file.Problem;
import dev.fusewright.io.storage.Location;
import dev.fusewright.io.storage.Store;
import dev.fusewright.io.storage.StoredFile;
import java.io.CharConversionException;
import java.io.FileNotFoundException;
import java.io.IOException;
import java.io.InputStream;
import java.util.Optional;

/** A file that is one JSON object. */
public final class JsonFile {
  private static final long LARGEST = 64L << 20;
  private static final ObjectMapper JSON =
      new ObjectMapper().enable(DeserializationFeature.FAIL_ON_TRAILING_TOKENS);

  private JsonFile() {}

  /**
   * The object; empty if there is no such file.
   *
   * @throws DamagedFileException if the file is no JSON object
   * @throws IOException if the store fails
   */
  public static Optional<JsonNode> read(Store store, Location location) throws IOException {
    StoredFile file = store.status(location).orElse(null);
    if (file == null) {
      return Optional.empty();
    }
    Problem problem = Problem.in(location.toString()).expected("a JSON object");
    if (file.bytes() > LARGEST) {
      throw new DamagedFileException(
          problem
              .expected("at most %d bytes of JSON".formatted(LARGEST))
              .found("%d bytes".formatted(file.bytes())));
    }
    byte[] bytes;
    try (InputStream in = store.open(location)) {
      bytes = in.readNBytes((int) file.bytes());
    } catch (FileNotFoundException e) {
      return Optional.empty();
    }
    try {
      JsonNode json = JSON.readTree(bytes);
      if (!json.isObject()) {
        throw new DamagedFileException(problem.found(bytes.length == 0 ? "nothing" : "other JSON"));
      }
      return Optional.of(json);
    } catch (JsonProcessingException e) {
      JsonLocation place = e.getLocation();
      throw new DamagedFileException(
          problem.at(place == null ? 0 : place.getByteOffset()).found(e.getOriginalMessage()), e);
    } catch (CharConversionException e) {
      // Bytes that begin as UTF-32 does are read as such, and have errors of their own.
      throw new DamagedFileException(problem.found(String.valueOf(e.getMessage())), e);
    }
  }
}
