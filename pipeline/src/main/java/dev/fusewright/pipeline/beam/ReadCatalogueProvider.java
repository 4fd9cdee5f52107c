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

import com.fasterxml.jackson.databind.node.ObjectNode;
import dev.fusewright.io.storage.Location;
import dev.fusewright.io.storage.StorageConfiguration;
import dev.fusewright.pipeline.catalogue.CatalogueException;
import dev.fusewright.pipeline.settings.JsonFields;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.nio.file.Path;
import java.util.List;
import org.apache.beam.sdk.schemas.Schema;
import org.apache.beam.sdk.schemas.transforms.SchemaTransform;
import org.apache.beam.sdk.schemas.transforms.SchemaTransformProvider;
import org.apache.beam.sdk.values.PCollectionRowTuple;
import org.apache.beam.sdk.values.Row;

/** {@link ReadCatalogue} for Beam YAML and other SDKs; its output are {@link EntryRows}. */
public final class ReadCatalogueProvider implements SchemaTransformProvider {
  private static final Location WORKING_DIRECTORY = Location.of(Path.of(""));
  private static final Schema CONFIGURATION =
      Schema.builder()
          .addField(
              Schema.Field.of("catalogue", Schema.FieldType.STRING)
                  .withDescription("JSON Lines, Avro (*.avro) or a glob."))
          .addField(
              Schema.Field.of("prepared", Schema.FieldType.STRING)
                  .withDescription("Where it is written, checked, for workers to read."))
          .addField(RowJson.storageField())
          .build();

  @Override
  public String identifier() {
    return "fusewright:read_catalogue:v1";
  }

  @Override
  public String description() {
    return "Checks a catalogue of models, and reads its entries in the order of their cost.";
  }

  @Override
  public Schema configurationSchema() {
    return CONFIGURATION;
  }

  @Override
  public SchemaTransform from(Row configuration) {
    ObjectNode fields = RowJson.object(configuration);
    JsonFields.requireKnown("ReadCatalogue has", fields, RowJson.names(CONFIGURATION));
    return new Transform(fields);
  }

  @Override
  public List<String> outputCollectionNames() {
    return List.of(RowTuples.OUTPUT);
  }

  private static final class Transform extends SchemaTransform {
    private final String catalogue;
    private final String prepared;
    private final StorageConfiguration storage;

    Transform(ObjectNode fields) {
      this.storage = RowJson.storage(fields);
      this.catalogue = required(fields, "catalogue");
      this.prepared = required(fields, "prepared");
    }

    private static String required(ObjectNode fields, String name) {
      String value = JsonFields.text(fields, name);
      if (value == null || value.isEmpty()) {
        throw new IllegalArgumentException("field '" + name + "' is missing");
      }
      return value;
    }

    @Override
    public PCollectionRowTuple expand(PCollectionRowTuple none) {
      try {
        return PCollectionRowTuple.of(
            RowTuples.OUTPUT,
            none.getPipeline()
                .apply(
                    ReadCatalogue.prepare(
                        WORKING_DIRECTORY.resolve(catalogue),
                        WORKING_DIRECTORY.resolve(prepared),
                        storage))
                .apply(EntryRows.write()));
      } catch (CatalogueException e) {
        throw new IllegalArgumentException(e.getMessage(), e);
      } catch (IOException e) {
        throw new UncheckedIOException(e);
      }
    }
  }
}
