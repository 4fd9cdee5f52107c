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

import static dev.fusewright.pipeline.ShardedExample.FIRST;
import static dev.fusewright.pipeline.ShardedExample.INDEX;
import static dev.fusewright.pipeline.ShardedExample.LIST;
import static org.assertj.core.api.Assertions.assertThat;

import dev.fusewright.pipeline.ShardedExample;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** The commands on an index and its shards. */
final class ShardedCommandsTest {
  @TempDir Path folder;
  private Path index;
  private Path fused;

  @BeforeEach
  void writeModel() throws IOException {
    index = ShardedExample.in(folder.resolve("source"));
    fused = folder.resolve("fused").resolve(INDEX);
  }

  @Test
  void inspect_shows_one_checkpoint() {
    Answer answer = Answer.of("inspect", index, "--modules", LIST);

    assertThat(answer.code()).as(answer.err()).isZero();
    assertThat(answer.out()).contains(INDEX + ": sharded", "tensors  8", "1 site");
  }

  @Test
  void what_fuse_wrote_is_proven_anew_by_its_certificates_and_a_changed_shard_is_seen()
      throws IOException {
    Path report = folder.resolve("report.json");
    Answer answer = Answer.of("fuse", index, "-o", fused, "--modules", LIST, "--report", report);
    assertThat(answer.code()).as(answer.err()).isZero();

    Answer proven = Answer.of("verify", index, fused, "--certificates", report);
    assertThat(proven.code()).as(proven.err()).isZero();
    assertThat(proven.out()).startsWith("AS_LISTED");

    byte[] bytes = Files.readAllBytes(fused.resolveSibling(FIRST));
    bytes[bytes.length - 2] ^= 0x40;
    Files.write(fused.resolveSibling(FIRST), bytes);
    assertThat(Answer.of("verify", index, fused, "--certificates", report).code())
        .isEqualTo(ExitCode.REJECTED);
  }

  @Test
  void in_place_the_index_is_replaced() throws IOException {
    byte[] before = Files.readAllBytes(index.resolveSibling(FIRST));

    Answer answer = Answer.of("fuse", index, "--in-place", "--modules", LIST);

    assertThat(answer.code()).as(answer.err()).isZero();
    assertThat(answer.out()).contains("verdict  AS_LISTED");
    assertThat(index).content().contains(INDEX + ".1.safetensors").doesNotContain("bn.weight");
    assertThat(index.resolveSibling(FIRST)).hasBinaryContent(before);
  }

  @Test
  void diff_and_verify_compare_its_tensors() {
    assertThat(Answer.of("diff", index, index).out()).startsWith("the same parameters: all");
    Answer same = Answer.of("verify", index, index);
    assertThat(same.code()).as(same.err()).isZero();
    assertThat(same.out()).startsWith("EQUIVALENT");
  }

  @Test
  void catalogue_lists_one_entry() {
    Answer answer = Answer.of("catalogue", folder.resolve("source") + "/**");

    assertThat(answer.out().lines()).hasSize(1);
    assertThat(answer.out()).contains("\"id\":\"" + INDEX + "\"");
  }
}
