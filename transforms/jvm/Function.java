package lakeward;

import org.apache.spark.sql.connector.catalog.functions.BoundFunction;
import org.apache.spark.sql.connector.catalog.functions.ScalarFunction;
import org.apache.spark.sql.connector.catalog.functions.UnboundFunction;
import org.apache.spark.sql.types.DataType;
import org.apache.spark.sql.types.StructType;

/**
 * A function of fixed types. A subclass has {@code public static invoke}, which Spark calls from its generated
 * code, once a row and with its own texts and bytes; null is among what comes in.
 */
abstract class Function implements UnboundFunction, ScalarFunction<Object> {
  private final String name;
  private final DataType result;
  private final DataType[] inputs;

  Function(String name, DataType result, DataType[] inputs) {
    this.name = name;
    this.result = result;
    this.inputs = inputs;
  }

  @Override
  public BoundFunction bind(StructType given) {
    return this; // Spark compares the types that are given with `inputTypes`
  }

  @Override
  public String name() {
    return name;
  }

  @Override
  public String canonicalName() {
    return "lakeward." + name;
  }

  @Override
  public String description() {
    return canonicalName();
  }

  @Override
  public DataType[] inputTypes() {
    return inputs;
  }

  @Override
  public DataType resultType() {
    return result;
  }
}
