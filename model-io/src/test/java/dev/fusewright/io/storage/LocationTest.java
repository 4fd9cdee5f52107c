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
package dev.fusewright.io.storage;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import java.nio.file.Path;
import java.util.List;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.junit.jupiter.params.provider.ValueSource;

final class LocationTest {
  @ParameterizedTest
  @CsvSource({
    "/a/b, /a/b",
    "file:/a/b, /a/b",
    "file:///a/b, /a/b",
    "file://localhost/a, /a",
    "/a//b/./c/../d/, /a/b/d",
    "s3a://bucket/x/y, s3a://bucket/x/y",
    "hdfs:///x, hdfs:///x",
    "s3a://bucket, s3a://bucket/",
    "/odd name%20{a}.onnx, /odd name%20{a}.onnx"
  })
  void a_location_is_read_and_written(String text, String written) {
    Location location = Location.of(text);
    assertThat(location).hasToString(written);
    assertThat(Location.of(location.toString())).isEqualTo(location);
  }

  @Test
  void a_relative_path_is_taken_from_the_working_directory() {
    assertThat(Location.of("x/y.onnx").localPath()).isEqualTo(Path.of("x/y.onnx").toAbsolutePath());
  }

  @ParameterizedTest
  @CsvSource({
    "/zoo, a.onnx, /zoo/a.onnx",
    "/zoo/sub, ../a.onnx, /zoo/a.onnx",
    "/zoo, /else/a.onnx, /else/a.onnx",
    "/zoo, s3a://b/a.onnx, s3a://b/a.onnx",
    "s3a://b/zoo, ../x/a.onnx, s3a://b/x/a.onnx",
    "s3a://b/zoo, /x/a.onnx, s3a://b/x/a.onnx"
  })
  void a_name_is_resolved_against_a_folder(String folder, String name, String expected) {
    assertThat(Location.of(folder).resolve(name)).hasToString(expected);
  }

  @Test
  void names_and_parents() {
    assertThat(Location.of("s3a://b/x/y.onnx").name()).isEqualTo("y.onnx");
    assertThat(Location.of("s3a://b/x/y.onnx").parent()).hasToString("s3a://b/x");
    assertThat(Location.of("/x").parent()).hasToString("/");
  }

  @ParameterizedTest
  @CsvSource({
    "/zoo/a.onnx, /zoo, true",
    "/zoo/deep/a.onnx, /zoo/, true",
    "/zoo, /, true",
    "s3a://b/zoo/a.onnx, s3a://b/, true",
    "/zoo, /zoo, false",
    "/zoological, /zoo, false",
    "/zoo, /zoo/a.onnx, false",
    "s3a://b/zoo, /, false",
    "s3a://b/zoo, s3a://c/, false"
  })
  void what_lies_below_a_folder(String location, String folder, boolean isBelow) {
    assertThat(Location.of(location).isBelow(Location.of(folder))).isEqualTo(isBelow);
  }

  @Test
  void a_file_uri_with_another_host_is_refused() {
    assertThatThrownBy(() -> Location.of("file://models/a.onnx"))
        .isInstanceOf(IllegalArgumentException.class)
        .hasMessageContaining("file:///path");
  }

  @ParameterizedTest
  @ValueSource(strings = {"s3a://", "s3a:///a.onnx", "s3a:/a.onnx", "gs://"})
  void an_object_has_a_bucket(String text) {
    assertThatThrownBy(() -> Location.of(text))
        .isInstanceOf(IllegalArgumentException.class)
        .hasMessageContaining("names no bucket");
    assertThat(Location.of("hdfs:///a.onnx").authority()).isEmpty();
  }

  @Test
  void a_secret_in_a_location_is_refused_and_not_repeated() {
    assertThatThrownBy(() -> Location.of("s3a://AKIAX:hunter2@zoo/a.onnx"))
        .isInstanceOf(IllegalArgumentException.class)
        .hasMessageContaining("provider")
        .hasMessageNotContaining("hunter2");
    for (String spelling :
        List.of(
            "s3a://hunter2@zoo/a.onnx",
            "s3a://AKIAX%3Ahunter2%40zoo/a.onnx",
            "s3a://hunter2%40zoo/a.onnx",
            "s3a://AKIAX:hunter2%40zoo/a.onnx",
            "hdfs://hunter2@namenode/a.onnx",
            "abfs://zoo:hunter2@account.dfs.core.windows.net/a",
            "abfs://hunter2@zoo@account.dfs.core.windows.net/a")) {
      assertThatThrownBy(() -> Location.of(spelling))
          .isInstanceOf(IllegalArgumentException.class)
          .hasMessageContaining("secret")
          .hasMessageNotContaining("hunter2");
    }
    assertThat(Location.of("s3a://zoo/me@home%40.onnx").path()).isEqualTo("/me@home%40.onnx");
    assertThat(Location.of("abfs://zoo@account.dfs.core.windows.net/a").authority())
        .isEqualTo("zoo@account.dfs.core.windows.net");
  }

  @Test
  void nothing_is_no_location() {
    assertThatThrownBy(() -> Location.of("")).isInstanceOf(IllegalArgumentException.class);
  }

  @ParameterizedTest
  @ValueSource(
      strings = {
        "https://zoo.s3.amazonaws.com/a.onnx?X-Amz-Signature=hunter2",
        "abfs://zoo@account.dfs.core.windows.net/a?sv=2020&sig=hunter2",
        "gs://zoo/a.onnx?X-Goog-Signature=hunter2&x=1"
      })
  void a_signed_location_is_refused_and_not_repeated(String text) {
    assertThatThrownBy(() -> Location.of(text))
        .isInstanceOf(IllegalArgumentException.class)
        .hasMessageContaining("is signed")
        .hasMessageNotContaining("hunter2");
  }

  @ParameterizedTest
  @ValueSource(strings = {"s3a://zoo/a?sign=1.onnx", "s3a://zoo/sig=1.onnx", "/zoo/a?sig=1.onnx"})
  void a_question_mark_alone_signs_nothing(String text) {
    assertThat(Location.of(text).toString()).isEqualTo(text);
  }
}
