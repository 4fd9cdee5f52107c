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
package dev.fusewright.pipeline.beam;

import dev.fusewright.pipeline.catalogue.CatalogueEntry;
import dev.fusewright.pipeline.run.RunSpec;
import java.io.IOException;
import java.io.UncheckedIOException;
import org.apache.beam.sdk.io.Read;
import org.apache.beam.sdk.transforms.PTransform;
import org.apache.beam.sdk.values.PBegin;
import org.apache.beam.sdk.values.PCollection;

/** The entries of a prepared catalogue, in splits that idle workers pull. */
public final class ReadCatalogue extends PTransform<PBegin, PCollection<CatalogueEntry>> {
  private final RunSpec run;

  /** Of a run. */
  public ReadCatalogue(RunSpec run) {
    this.run = run;
  }

  @Override
  public PCollection<CatalogueEntry> expand(PBegin begin) {
    try {
      return begin.apply("Pull splits", Read.from(CatalogueSource.whole(run)));
    } catch (IOException e) {
      throw new UncheckedIOException(e);
    }
  }
}
