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
package dev.fusewright.pipeline.audit;

import static org.assertj.core.api.Assertions.assertThat;

import com.google.gson.JsonElement;
import dev.fusewright.core.testing.UsesProcesses;
import dev.fusewright.core.testing.UsesPython;
import dev.fusewright.io.testing.Python;
import dev.fusewright.pipeline.audit.TableReport.Format;
import dev.fusewright.pipeline.run.RunFolder;
import java.io.IOException;
import java.nio.file.Path;
import java.util.List;
import java.util.stream.StreamSupport;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** The queries of {@code queries.md}, each run by DuckDB, pandas or fastavro over two runs. */
@UsesProcesses
@UsesPython
class QueriesTest {
  private static final Path PAGE = Path.of("../src/docs/queries.md").toAbsolutePath().normalize();

  @TempDir private Path folder;

  @Test
  void every_query_of_the_page_runs_over_what_is_written() throws IOException {
    for (String id : List.of("monday", "tuesday")) {
      RunFolder run =
          ExampleRun.write(
              folder.resolve("reports"),
              id,
              List.of(ExampleRun.fused("a"), ExampleRun.rejected("b", "it moved")));
      for (Format format : List.of(Format.JSON, Format.PARQUET)) {
        new TableReport(ExampleRun.STORE, run, format).write(folder.resolve("audit"));
      }
    }

    List<JsonElement> queries =
        StreamSupport.stream(
                Python.TORCH2
                    .json("report_queries.py", PAGE, folder)
                    .getAsJsonArray()
                    .spliterator(),
                /* parallel= */ false)
            .toList();

    assertThat(queries).hasSizeGreaterThan(10);
    // Of models that were not confirmed as a whole, the example is one.
    assertThat(queries.get(1).toString()).contains("\"rows\":1");
    assertThat(queries.get(2).toString()).contains("\"rows\":1");
    assertThat(queries.get(queries.size() - 1).toString())
        .contains("\"language\":\"python\",\"lines\":4");
  }
}
