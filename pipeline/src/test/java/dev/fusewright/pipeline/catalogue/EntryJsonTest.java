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
package dev.fusewright.pipeline.catalogue;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import dev.fusewright.io.storage.Location;
import dev.fusewright.pipeline.settings.FuseSettings;
import dev.fusewright.pipeline.settings.InputSpec;
import dev.fusewright.pipeline.settings.Mode;
import java.util.List;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.junit.jupiter.params.provider.ValueSource;

final class EntryJsonTest {
  private static final Location FOLDER = Location.of("s3a://zoo/models");

  private static CatalogueEntry parse(String line) {
    return EntryJson.parse(line, FOLDER);
  }

  @Test
  void an_id_and_a_uri_are_an_entry() {
    CatalogueEntry entry = parse("{\"id\": \"resnet\", \"uri\": \"nets/resnet.onnx\"}");
    assertThat(entry.source()).hasToString("s3a://zoo/models/nets/resnet.onnx");
    assertThat(entry.output()).isEqualTo("resnet.onnx");
    assertThat(entry.size()).isNull();
    assertThat(entry).isEqualTo(CatalogueEntry.of("resnet", entry.source(), null));
  }

  @Test
  void every_field_survives_being_written_and_read_elsewhere() {
    CatalogueEntry entry =
        parse(
            """
            {"id": "vision/a", "uri": "hdfs://nn/a.pt", "output": "v/a-fused.pt", "size": 12, "format": "torch",
             "sha256": "BA7816BF8F01CFEA414140DE5DAE2223B00361A396177A9CB410FF61F20015AD", "mode": "qat",
             "rules": "torch", "fuse": [["conv1", "bn1"]], "graph": "a.onnx", "eps": 1e-3, "tolerance": 0.01, "samples": 3,
             "inputs": {"x": {"shape": [1, 3, 8, 8], "range": [0, 255], "files": ["x/0.npy", "hdfs://nn/1.pb"]}, "n": {}}}
            """
                .replace("\n", ""));
    FuseSettings settings = FuseSettings.resolve(entry.settings());
    assertThat(settings.mode()).isEqualTo(Mode.QAT);
    assertThat(settings.modules().list()).isEqualTo("[[\"conv1\",\"bn1\"]]");
    assertThat(settings.modules().graph()).hasToString("s3a://zoo/models/a.onnx");
    assertThat(settings.examples())
        .containsEntry(
            "x",
            new InputSpec(
                List.of(1L, 3L, 8L, 8L),
                new InputSpec.Range(0, 255),
                List.of(Location.of("s3a://zoo/models/x/0.npy"), Location.of("hdfs://nn/1.pb"))));
    assertThat(EntryJson.parse(EntryJson.write(entry), Location.of("/elsewhere"))).isEqualTo(entry);
  }

  @ParameterizedTest
  @CsvSource(
      delimiter = '|',
      textBlock =
          """
          {"uri": "a.onnx"}                                  | field 'id' is missing
          {"id": "a"}                                        | field 'uri' is missing
          {"id": "a", "uri": "a.onnx", "ulr": "b"}           | unknown field 'ulr'; an entry has accept_inconclusive, as, candidate, eps, fetch_timeout, format
          {"id": 3, "uri": "a.onnx"}                         | field 'id': expected a text, found 3
          {"id": "a", "uri": "a.onnx", "samples": 0}         | field 'samples': expected a number from 1 to 1,000, found 0
          {"id": "a", "uri": "a.onnx", "samples": 1.5}       | field 'samples': expected a number from 1 to 1,000, found 1.5
          {"id": "a", "uri": "a.onnx", "samples": 1001}      | field 'samples': expected a number from 1 to 1,000, found 1001
          {"id": "a", "uri": "a.onnx", "size": -1}           | field 'size': expected a number of bytes, found -1
          {"id": "a", "uri": "a.onnx", "tolerance": "x"}     | field 'tolerance': expected a positive number, found "x"
          {"id": "a", "uri": "a.onnx", "sha256": "abc"}      | field 'sha256': expected 64 hexadecimal digits, found "abc"
          {"id": "a", "uri": "a.onnx", "mode": "train"}      | field 'mode': expected eval or qat, found "train"
          {"id": "a", "uri": "a.onnx", "eps": -1}            | field 'eps': expected a number of at least 0, found -1
          {"id": "a", "uri": "a.onnx", "seed": 0.5}          | field 'seed': expected a whole number, found 0.5
          {"id": "a", "uri": "a.onnx", "fuse": 7}            | field 'fuse': expected a module list, or recipe:NAME, found 7
          {"id": "a", "uri": "a.onnx", "graph": ""}          | field 'graph': expected a path or a URI, found ""
          {"id": "a", "uri": "a.onnx", "require": "proof"}   | require: expected one of equivalent, as-listed, found 'proof'
          {"id": "a", "uri": "a.onnx", "accept_inconclusive": "yes"} | field 'accept_inconclusive': expected true or false, found "yes"
          {"id": "a", "uri": "a.onnx", "no_copy": true}      | unknown field 'no_copy'
          {"id": "a", "uri": "a.onnx", "fusers": ["x.Y"]}    | unknown field 'fusers'
          {"id": "a", "uri": "a.pt", "torch_runner": "/bin/sh"} | unknown field 'torch_runner'
          {"id": "a", "uri": "a.onnx", "inputs": {"x": {"shape": [1, -3]}}} | field 'inputs.x.shape': expected an array of sizes
          {"id": "a", "uri": "a.onnx", "inputs": {"x": {"range": [2, 1]}}}  | field 'inputs.x.range': expected [least, largest]
          {"id": "a", "uri": "a.onnx", "inputs": {"x": {"files": "x.npy"}}} | field 'inputs.x.files': expected an array of URIs
          {"id": "a", "id": "b", "uri": "a.onnx"}            | Duplicate field 'id'
          ["a", "a.onnx"]                                    | expected a JSON object, found array
          {"id": "a", "uri": "a.onnx"} {}                    | expected a JSON object
          id,uri                                             | expected a JSON object
          """)
  void a_wrong_entry_says_what_is_wrong(String line, String message) {
    assertThatThrownBy(() -> parse(line))
        .isInstanceOf(IllegalArgumentException.class)
        .hasMessageContaining(message);
  }

  @ParameterizedTest
  @ValueSource(
      strings = {
        "../a",
        "a/../b",
        "/a",
        "a//b",
        "a/",
        "./a",
        "reports/a",
        "s3a:/x",
        "a\\\\b",
        "a\\u0000b",
        " reports/../.."
      })
  void an_id_never_leaves_the_output(String id) {
    assertThatThrownBy(() -> parse("{\"id\": \"" + id + "\", \"uri\": \"a.onnx\"}"))
        .isInstanceOf(IllegalArgumentException.class)
        .hasMessageContaining("id '");
    assertThatThrownBy(
            () -> parse("{\"id\": \"a\", \"uri\": \"a.onnx\", \"output\": \"" + id + "\"}"))
        .isInstanceOf(IllegalArgumentException.class)
        .hasMessageContaining("output '");
  }

  @ParameterizedTest
  @CsvSource({
    "a, a.onnx, a.onnx",
    "a.onnx, x.onnx, a.onnx",
    "a.v2, x.onnx, a.v2.onnx",
    "a, x.ONNX, a.ONNX",
    "a, x.pth, a.pth",
    "a, x.onnxtxt, a.onnx",
    "a, x.tar.gz, a",
    "a, .onnx, a"
  })
  void the_output_has_the_extension_of_its_format(String id, String uri, String output) {
    assertThat(parse("{\"id\": \"%s\", \"uri\": \"%s\"}".formatted(id, uri)).output())
        .isEqualTo(output);
  }
}
